/** A client with jobs to place and to end. What it was not told the outcome of it asks again, under the same id, until it is told. */
import type { Millis } from "../scheduler/ports.ts";
import { type Caller, type Told, tellFailure, tellWrite, versionOf } from "./caller.ts";
import { wanted } from "./offer.ts";
import type { Placed, Target } from "./target.ts";

/** Between two tries. */
const retryAfter = 60;

export class JobClient {
  readonly #caller: Caller;
  readonly #schedulers: readonly Target[];
  readonly #wait: (duration: Millis) => Promise<void>;
  readonly #nodeOf = new Map<string, string>();
  #isStopped = false;

  /** @param wait by the run's clock */
  constructor(caller: Caller, schedulers: readonly Target[], wait: (duration: Millis) => Promise<void>) {
    this.#caller = caller;
    this.#schedulers = schedulers;
    this.#wait = wait;
  }

  /** No further tries. */
  stop(): void {
    this.#isStopped = true;
  }

  async dispatch(instance: number, job: string): Promise<void> {
    const scheduler = this.#schedulers[instance];
    if (scheduler === undefined) return;
    const told = await this.#untilTold(["info"], () =>
      this.#caller.call({ instance, op: "dispatch", job }, () => scheduler.dispatch({ ...wanted, job }), tellDispatch),
    );
    if (told.outcome === "ok" && told.node !== undefined) this.#nodeOf.set(job, told.node);
  }

  async reserve(instance: number, node: string, job: string): Promise<void> {
    const scheduler = this.#schedulers[instance];
    if (scheduler === undefined) return;
    const subject = { instance, op: "reserve_job", node, job } as const;
    const told = await this.#untilTold(["info"], () =>
      this.#caller.call(subject, () => scheduler.reserveJob(node, job), tellWrite),
    );
    if (told.reply === "reserved" || told.reply === "already") this.#nodeOf.set(job, node);
  }

  /** Also what was certainly not sent is tried again: the job has ended, and its place is wanted. */
  async finish(instance: number, job: string, how: "complete_job" | "release_job"): Promise<void> {
    const scheduler = this.#schedulers[instance];
    const node = this.#nodeOf.get(job);
    if (scheduler === undefined || node === undefined) return;
    const run = () => (how === "complete_job" ? scheduler.completeJob(node, job) : scheduler.releaseJob(node, job));
    const subject = { instance, op: how, node, job } as const;
    await this.#untilTold(["info", "fail"], () => this.#caller.call(subject, run, tellWrite));
  }

  async #untilTold(open: readonly Told["outcome"][], attempt: () => Promise<Told>): Promise<Told> {
    let isUnknown = false;
    for (;;) {
      const told = await attempt();
      isUnknown ||= told.outcome === "info";
      // That a further try was not sent tells nothing of the one that may have happened.
      const isOpen = open.includes(told.outcome) || (isUnknown && told.outcome === "fail");
      if (this.#isStopped || !isOpen || told.reply.startsWith("threw")) return told;
      await this.#wait(retryAfter);
      if (this.#isStopped) return told;
    }
  }
}

function tellDispatch(answer: Placed): Told {
  switch (answer.kind) {
    case "failed":
      return { ...tellFailure(answer), node: answer.node };
    case "no_node":
      return { outcome: "ok", reply: "no_node" };
    case "finished":
      return { outcome: "ok", reply: "finished", node: answer.node };
    case "dispatched":
      return { outcome: "ok", reply: answer.outcome, node: answer.node, ...versionOf(answer) };
  }
}
