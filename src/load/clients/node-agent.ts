/**
 * A node as it would behave itself: it registers, sends heartbeats that name what it runs, goes and comes back, and registers anew when the store does not know it
 * any longer. Its network may keep a heartbeat back and deliver it late.
 */
import type { Random } from "../../scheduler/ports.ts";
import { offerOf } from "../plan/offer.ts";
import { type Caller, type Told, tellRegistration, tellWrite } from "./caller.ts";
import type { Running } from "./running.ts";
import type { Target } from "./target.ts";

export interface NodeAgentOptions {
  readonly node: string;
  /** Which offer its first life makes; each later one makes the next. */
  readonly offer: number;
  readonly maxJobs: number;
  readonly instance: number;
  readonly scheduler: Target;
  readonly draw: Random;
  readonly caller: Caller;
  /** What it runs; absent: nothing ever. */
  readonly running?: Running;
}

/** Replies that tell a node that its life is over. */
const lifeIsOver: ReadonlySet<string> = new Set(["unknown_node", "not_online", "superseded"]);

const impossible: readonly number[] = [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300];

interface Life {
  readonly incarnation: string;
  /** Of its last heartbeat; 0: none yet. */
  readonly seq: number;
  /** What its last heartbeat named. */
  readonly named: readonly string[];
}

export class NodeAgent {
  readonly node: string;
  readonly #options: NodeAgentOptions;
  #lives = 0;
  /** null: not known, since the outcome of the registration is not. */
  #life: Life | null = null;
  #former: Life | null = null;
  /** Of the registration under way, kept until its outcome is known: a retry is the same registration. */
  #registration: string | null = null;
  #isRegistering = false;
  #absence: string | null = null;
  #late = 0;

  constructor(options: NodeAgentOptions) {
    this.node = options.node;
    this.#options = options;
  }

  async register(): Promise<Told> {
    const { caller, instance, maxJobs, offer, scheduler } = this.#options;
    const { node } = this;
    this.#registration ??= `life-${this.#draw()}-${this.#draw()}`;
    const request = { node, registration: this.#registration, max_jobs: maxJobs, ...offerOf(offer + this.#lives) };
    this.#isRegistering = true;
    const told = await caller.call(
      { instance, op: "register_node", node },
      () => scheduler.registerNode(request),
      tellRegistration,
    );
    this.#isRegistering = false;
    if (told.outcome !== "info") this.#registration = null;
    if (told.incarnation !== undefined && told.reply !== "superseded") this.#begin(told.incarnation);
    return told;
  }

  async beat(): Promise<void> {
    if (this.#isRegistering || this.#absence !== null) return;
    if (this.#registration !== null) {
      await this.register();
      return;
    }
    const seq = (this.#life?.seq ?? 0) + 1;
    const named = this.#options.running?.on(this.node) ?? [];
    if (this.#life !== null) this.#life = { ...this.#life, seq, named };
    const told = await this.#send(seq, this.#life?.incarnation, named);
    const isOver = lifeIsOver.has(told.reply) && !this.#isRegistering && this.#absence === null;
    if (isOver) await this.register();
  }

  /** A heartbeat that was on its way for long: of the former life and further on than this one's, or of this life and older than the last. */
  async beatLate(): Promise<void> {
    this.#late += 1;
    const former = this.#former;
    const life = this.#life;
    if (former !== null && this.#late % 2 === 0) {
      await this.#send(former.seq + 1_000, former.incarnation, former.named);
    } else if (life !== null && life.seq > 1) {
      await this.#send(life.seq - 1, life.incarnation, life.named);
    }
  }

  /** The last heartbeat once more, as a network that repeats would deliver it. */
  async beatAgain(): Promise<void> {
    const life = this.#life;
    if (life !== null && life.seq > 0) await this.#send(life.seq, life.incarnation, life.named);
  }

  /** With a reading that cannot be; refused before it is sent, so nothing is known of it anywhere. */
  async beatBadly(): Promise<void> {
    const bad = impossible[this.#draw() % impossible.length] ?? Number.NaN;
    await this.#send((this.#life?.seq ?? 0) + 1, this.#life?.incarnation, [], bad);
  }

  /** Away until `comeBack` of the same absence; one absence at a time. */
  async goOffline(absence: string): Promise<void> {
    const { caller, instance, scheduler } = this.#options;
    const { node } = this;
    const incarnation = this.#life?.incarnation;
    if (!this.fallSilent(absence)) return;
    await caller.call(
      { instance, op: "offline_node", node, ...(incarnation === undefined ? {} : { incarnation }) },
      () => scheduler.offlineNode(node, incarnation),
      tellWrite,
    );
  }

  /** @returns whether it was there to fall silent */
  fallSilent(absence: string): boolean {
    if (this.#absence !== null) return false;
    this.#absence = absence;
    return true;
  }

  async comeBack(absence: string): Promise<void> {
    if (this.#absence !== absence) return;
    this.#absence = null;
    if (!this.#isRegistering) await this.register();
  }

  #begin(incarnation: string): void {
    if (this.#life?.incarnation === incarnation) return;
    this.#former = this.#life;
    this.#life = { incarnation, seq: 0, named: [] };
    this.#lives += 1;
    this.#options.running?.forget(this.node);
  }

  #send(seq: number, incarnation: string | undefined, running: readonly string[], cpu?: number): Promise<Told> {
    const { caller, instance, scheduler } = this.#options;
    const { node } = this;
    const life = incarnation === undefined ? {} : { incarnation };
    const request = {
      node,
      seq,
      metrics: { ...this.#metrics(), ...(cpu === undefined ? {} : { cpu }) },
      running,
      ...life,
    };
    const subject = { instance, op: "heartbeat", node, seq, running, ...life } as const;
    return caller.call(subject, () => scheduler.heartbeat(request), tellWrite);
  }

  /** Changing enough that some heartbeats are material and some are not. */
  #metrics() {
    const share = () => Math.round((this.#draw() / 2 ** 32) * 1_000) / 1_000;
    return { cpu: share(), gpu: share() / 2, memory: 0.5, load: share(), latency_ms: 5, error_rate: 0 };
  }

  #draw(): number {
    return this.#options.draw.nextUint32();
  }
}
