/** A node as it would behave itself: it registers, sends heartbeats, and registers anew when the store does not know it any longer. */
import type { Random } from "../scheduler/ports.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import { type Caller, type Told, tellWrite } from "./caller.ts";
import { offer } from "./offer.ts";

export interface NodeAgentOptions {
  readonly node: string;
  readonly maxJobs: number;
  readonly instance: number;
  readonly scheduler: Scheduler;
  readonly draw: Random;
  readonly caller: Caller;
}

/** Replies that tell a node that its life is over. */
const lifeIsOver: ReadonlySet<string> = new Set(["unknown_node", "not_online", "superseded"]);

export class NodeAgent {
  readonly node: string;
  readonly #options: NodeAgentOptions;
  #seq = 0;
  /** Of the registration under way, kept until its outcome is known: a retry is the same registration. */
  #registration: string | null = null;
  #isRegistering = false;

  constructor(options: NodeAgentOptions) {
    this.node = options.node;
    this.#options = options;
  }

  async register(): Promise<Told> {
    const { caller, instance, maxJobs, scheduler } = this.#options;
    const { node } = this;
    this.#registration ??= `life-${this.#draw()}-${this.#draw()}`;
    const request = { node, registration: this.#registration, max_jobs: maxJobs, ...offer };
    this.#isRegistering = true;
    const told = await caller.call(
      { instance, op: "register_node", node },
      () => scheduler.registerNode(request),
      tellWrite,
    );
    this.#isRegistering = false;
    if (told.outcome !== "info") this.#registration = null;
    return told;
  }

  async beat(): Promise<void> {
    if (this.#isRegistering) return;
    if (this.#registration !== null) {
      await this.register();
      return;
    }
    const { caller, instance, scheduler } = this.#options;
    const { node } = this;
    this.#seq += 1;
    const request = { node, seq: this.#seq, metrics: this.#metrics(), running: [] };
    const told = await caller.call({ instance, op: "heartbeat", node }, () => scheduler.heartbeat(request), tellWrite);
    if (lifeIsOver.has(told.reply) && !this.#isRegistering) await this.register();
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
