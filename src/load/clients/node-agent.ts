/**
 * Behaves as the process of a node: it registers, sends heartbeats that name the jobs it runs, leaves and returns, and registers anew when the store
 * no longer knows it. The network may deliver one of its heartbeats late.
 */
import { metricNames, type Random } from "../../scheduler/ports.ts";
import { offerOf } from "../plan/offer.ts";
import { type Caller, type CallResult, registrationResult, writeResult } from "./caller.ts";
import type { Running } from "./running.ts";
import type { Target } from "./target.ts";

export interface NodeAgentOptions {
  readonly node: string;
  /** Which offer its first incarnation makes; each later one makes the next. */
  readonly offer: number;
  readonly maxJobs: number;
  readonly instance: number;
  readonly scheduler: Target;
  readonly draw: Random;
  readonly caller: Caller;
  /** The jobs that run on nodes; absent: this one never runs any. */
  readonly running?: Running;
}

/** Replies after which a node has to register anew. */
const endsIncarnation: ReadonlySet<string> = new Set(["unknown_node", "not_online", "superseded"]);

/** Absent, or what no metric can be. */
const impossible: readonly (number | null)[] = [null, Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300];

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
  #incarnations = 0;
  /** null: unknown, since the outcome of the registration is unknown. */
  #current: Incarnation | null = null;
  #former: Incarnation | null = null;
  /** Identifies a registration until its outcome is known: a retry is the same registration. */
  #registration: string | null = null;
  #isRegistering = false;
  #absence: string | null = null;
  #late = 0;

  constructor(options: NodeAgentOptions) {
    this.node = options.node;
    this.#options = options;
  }

  async register(): Promise<CallResult> {
    const { caller, instance, maxJobs, offer, scheduler } = this.#options;
    const { node } = this;
    this.#registration ??= `life-${this.#draw()}-${this.#draw()}`;
    const request = {
      node,
      registration: this.#registration,
      max_jobs: maxJobs,
      ...offerOf(offer + this.#incarnations),
    };
    this.#isRegistering = true;
    const result = await caller.call(
      { instance, op: "register_node", node },
      () => scheduler.registerNode(request),
      registrationResult,
    );
    this.#isRegistering = false;
    if (result.outcome !== "info") this.#registration = null;
    if (result.incarnation !== undefined && result.reply !== "superseded") this.#begin(result.incarnation);
    return result;
  }

  /** @param metrics instead of some of its own */
  async beat(metrics: Metrics = {}): Promise<void> {
    if (this.#isRegistering || this.#absence !== null) return;
    if (this.#registration !== null) {
      await this.register();
      return;
    }
    const seq = (this.#current?.seq ?? 0) + 1;
    const named = this.#options.running?.on(this.node) ?? [];
    if (this.#current !== null) this.#current = { ...this.#current, seq, named };
    const { reply } = await this.#send(seq, this.#current?.id, named, metrics);
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

  /** The next heartbeat, with one metric that is absent or impossible; in one of four no metric is possible. */
  async beatBadly(): Promise<void> {
    const bad = (): number | null => impossible[this.#draw() % impossible.length] ?? null;
    const one = metricNames[this.#draw() % metricNames.length] ?? "cpu";
    const names = this.#draw() % 4 === 0 ? metricNames : [one];
    await this.beat(Object.fromEntries(names.map((name) => [name, bad()])));
  }

  /** Away until `comeBack` of the same absence; one absence at a time. */
  async goOffline(absence: string): Promise<void> {
    const { caller, instance, scheduler } = this.#options;
    const { node } = this;
    const incarnation = this.#current?.id;
    if (!this.fallSilent(absence)) return;
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

  #begin(id: string): void {
    if (this.#current?.id === id) return;
    this.#former = this.#current;
    this.#current = { id, seq: 0, named: [] };
    this.#incarnations += 1;
    this.#options.running?.forget(this.node);
  }

  #send(
    seq: number,
    incarnation: string | undefined,
    running: readonly string[],
    instead: Metrics = {},
  ): Promise<CallResult> {
    const { caller, instance, scheduler } = this.#options;
    const { node } = this;
    const metrics = { ...this.#metrics(), ...instead };
    const request = { node, seq, metrics, running, incarnation };
    const subject = { instance, op: "heartbeat", node, seq, running, incarnation, metrics: inJson(metrics) } as const;
    return caller.call(subject, () => scheduler.heartbeat(request), writeResult);
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

/** JSON has neither NaN nor infinity. */
function inJson(metrics: Metrics): Readonly<Record<string, number | null>> {
  const known: Record<string, number | null> = {};
  for (const name of metricNames) {
    const metric = metrics[name] ?? null;
    known[name] = Number.isFinite(metric) ? metric : null;
  }
  return known;
}
