/**
 * Behaves as the process of a node: it registers, sends heartbeats that name the jobs it runs, leaves and returns, and registers anew when the store
 * no longer knows it. The network may deliver one of its heartbeats late.
 */
import { metricNames, type Random } from "../../scheduler/ports.ts";
import type { Names } from "../plan/names.ts";
import { type Offer, offerOf } from "../plan/offer.ts";
import { type Caller, type CallResult, registrationResult, writeResult } from "./caller.ts";
import { Readings } from "./readings.ts";
import type { Running } from "./running.ts";
import type { Target } from "./target.ts";

export interface NodeAgentOptions {
  readonly node: string;
  /** Which offer its first incarnation makes; each later one makes the next. */
  readonly offer: number;
  readonly maxJobs: number;
  /** The jobs that every other incarnation can run, from its second on. */
  readonly maxJobsOnReturn: number;
  readonly instance: number;
  readonly scheduler: Target;
  readonly draw: Random;
  /** Draws what it offers. */
  readonly offers: Random;
  /** Draws how it fares. */
  readonly readings: Random;
  readonly names: Names;
  readonly caller: Caller;
  /** The jobs that run on nodes; absent: this one never runs any. */
  readonly running?: Running;
}

/** Replies after which a node has to register anew. */
const endsIncarnation: ReadonlySet<string> = new Set(["unknown_node", "not_online", "superseded"]);

/** The id of a job that never gets a place. */
const placeless = "job-without-a-place";

type Metrics = Parameters<Target["heartbeat"]>[0]["metrics"];

interface Incarnation {
  readonly id: string;
  /** The number of its last heartbeat; 0: none yet. */
  readonly seq: number;
  /** The jobs that its last heartbeat named. */
  readonly named: readonly string[];
}

export class NodeAgent {
  readonly node: string;
  readonly #options: NodeAgentOptions;
  readonly #readings: Readings;
  #incarnations = 0;
  /** null: unknown, since the outcome of the registration is unknown. */
  #current: Incarnation | null = null;
  #former: Incarnation | null = null;
  /** Until it has succeeded: a retry is the same registration. */
  #registration: { readonly registration: string; readonly offer: Offer & { readonly max_jobs: number } } | null = null;
  /** The incarnation that the store has named instead of the one that was to be replaced; null: none; undefined: it has named none. */
  #found: string | null | undefined;
  #isRegistering = false;
  #absence: string | null = null;
  #late = 0;

  constructor(options: NodeAgentOptions) {
    this.node = options.node;
    this.#options = options;
    this.#readings = new Readings(options.readings);
  }

  /** Replaces its own last incarnation, or the one that its instance sees; after a conflict, once more, the one that there is. */
  async register(): Promise<CallResult> {
    this.#isRegistering = true;
    const first = await this.#replace();
    const result = first.reply === "conflict" ? await this.#replace() : first;
    this.#isRegistering = false;
    return result;
  }

  async #replace(): Promise<CallResult> {
    const { caller, instance, scheduler } = this.#options;
    const { node } = this;
    this.#registration ??= this.#begun();
    const { offer, registration } = this.#registration;
    const expected = this.#found === undefined ? this.#current?.id : this.#found;
    const request = { node, registration, expected, ...offer };
    const result = await caller.call(
      { instance, op: "register_node", node, expected, offer },
      () => scheduler.registerNode(request),
      registrationResult,
    );
    const { incarnation, outcome, reply } = result;
    this.#found = reply === "conflict" ? (incarnation ?? null) : undefined;
    if (outcome !== "info" && reply !== "conflict") this.#registration = null;
    if (incarnation !== undefined && (reply === "registered" || reply === "already")) this.#begin(incarnation);
    return result;
  }

  /**
   * @param metrics instead of its own
   * @param others jobs that it names besides those that run on it
   */
  async beat(metrics?: Metrics, others: readonly string[] = []): Promise<void> {
    if (this.#isRegistering || this.#absence !== null) return;
    if (this.#registration !== null || this.#current === null) {
      await this.register();
      return;
    }
    const seq = this.#current.seq + 1;
    const named = [...others, ...(this.#options.running?.on(this.node) ?? [])];
    this.#current = { ...this.#current, seq, named };
    const { reply } = await this.#send(seq, this.#current.id, named, metrics);
    const isOver = endsIncarnation.has(reply) && !this.#isRegistering && this.#absence === null;
    if (isOver) await this.register();
  }

  /** A heartbeat that the network delivers late: one of the former incarnation with a high number, or one of this incarnation older than the last. */
  async beatLate(): Promise<void> {
    this.#late += 1;
    const former = this.#former;
    const current = this.#current;
    if (former !== null && this.#late % 2 === 0) {
      await this.#send(former.seq + 1_000, former.id, former.named);
    } else if (current !== null && current.seq > 1) {
      await this.#send(current.seq - 1, current.id, current.named);
    }
  }

  /** The last heartbeat once more, as a network that repeats would deliver it. */
  async beatAgain(): Promise<void> {
    const current = this.#current;
    if (current !== null && current.seq > 0) await this.#send(current.seq, current.id, current.named);
  }

  /** The next heartbeat, with a metric that is absent or impossible, and a job that has no place on the node. */
  async beatBadly(): Promise<void> {
    await this.beat(this.#readings.nextImpossible(), [placeless]);
  }

  /** Away until `comeBack` of the same absence; one absence at a time. */
  async goOffline(absence: string): Promise<void> {
    if (this.fallSilent(absence)) await this.#leave(this.#current?.id);
  }

  /** A goodbye of its former incarnation that the network delivers late. */
  async leaveLate(): Promise<void> {
    if (this.#former !== null) await this.#leave(this.#former.id);
  }

  async #leave(incarnation: string | undefined): Promise<void> {
    const { caller, instance, scheduler } = this.#options;
    const { node } = this;
    await caller.call(
      { instance, op: "offline_node", node, incarnation },
      () => scheduler.offlineNode(node, incarnation),
      writeResult,
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

  #begun() {
    const { maxJobs, maxJobsOnReturn, names, offer, offers } = this.#options;
    const registration = `life-${this.#draw()}-${this.#draw()}`;
    const max_jobs = this.#incarnations % 2 === 0 ? maxJobs : maxJobsOnReturn;
    return { registration, offer: { max_jobs, ...offerOf(offer + this.#incarnations, names, offers) } };
  }

  #begin(id: string): void {
    if (this.#current?.id === id) return;
    this.#former = this.#current;
    this.#current = { id, seq: 0, named: [] };
    this.#incarnations += 1;
    this.#options.running?.forget(this.node);
  }

  #send(
    seq: number,
    incarnation: string,
    running: readonly string[],
    metrics: Metrics = this.#readings.next(),
  ): Promise<CallResult> {
    const { caller, instance, scheduler } = this.#options;
    const { node } = this;
    const request = { node, seq, metrics, running, incarnation };
    const subject = { instance, op: "heartbeat", node, seq, running, incarnation, metrics: inJson(metrics) } as const;
    return caller.call(subject, () => scheduler.heartbeat(request), writeResult);
  }

  #draw(): number {
    return this.#options.draw.nextUint32();
  }
}

/** JSON has neither NaN nor infinity. */
function inJson(metrics: Metrics): Readonly<Record<string, number | null>> {
  const known: Record<string, number | null> = {};
  for (const name of metricNames) {
    const metric = metrics[name] ?? null;
    known[name] = Number.isFinite(metric) ? metric : null;
  }
  return known;
}
