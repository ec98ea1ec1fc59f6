/** A client with jobs to place and to end. What it was not told the outcome of it asks again, under the same id, until it is told. */
import type { Millis } from "../../scheduler/ports.ts";
import { wanted } from "../plan/offer.ts";
import { type Caller, type Told, tellFailure, tellWrite, versionOf } from "./caller.ts";
import type { Running } from "./running.ts";
import type { Placed, Target } from "./target.ts";

/** Between two tries. */
const retryAfter = 60;

export class JobClient {
  readonly #caller: Caller;
  readonly #schedulers: readonly Target[];
  readonly #wait: (duration: Millis) => Promise<void>;
  readonly #running: Running;
  readonly #nodeOf = new Map<string, string>();
  /** Jobs whose end has been reached: one that is told of its place only then is not begun. */
  readonly #over = new Set<string>();
  #isStopped = false;

  /** @param wait by the run's clock
   * @param running told of each job that begins and ends
   */
  constructor(
    caller: Caller,
    schedulers: readonly Target[],
    wait: (duration: Millis) => Promise<void>,
    running: Running,
  ) {
    this.#caller = caller;
    this.#schedulers = schedulers;
    this.#wait = wait;
    this.#running = running;
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
    if (told.outcome === "ok" && told.node !== undefined) this.#placed(told, told.node, job);
  }

  async reserve(instance: number, node: string, job: string): Promise<void> {
    const scheduler = this.#schedulers[instance];
    if (scheduler === undefined) return;
    const subject = { instance, op: "reserve_job", node, job } as const;
    const told = await this.#untilTold(["info"], () =>
      this.#caller.call(subject, () => scheduler.reserveJob(node, job), tellWrite),
    );
    if (hasPlace(told)) this.#placed(told, node, job);
  }

  /** Also what was certainly not sent is tried again: the job has ended, and its place is wanted. */
  async finish(instance: number, job: string, how: "complete_job" | "release_job"): Promise<void> {
    const scheduler = this.#schedulers[instance];
    const node = this.#nodeOf.get(job);
    this.#over.add(job);
    if (scheduler === undefined || node === undefined) return;
    this.#running.ended(node, job);
    const run = () => (how === "complete_job" ? scheduler.completeJob(node, job) : scheduler.releaseJob(node, job));
    const subject = { instance, op: how, node, job } as const;
    await this.#untilTold(["info", "fail"], () => this.#caller.call(subject, run, tellWrite));
  }

  #placed(told: Told, node: string, job: string): void {
    this.#nodeOf.set(job, node);
    if (hasPlace(told) && !this.#over.has(job)) this.#running.began(node, job);
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

function hasPlace({ reply }: Told): boolean {
  return reply === "reserved" || reply === "already";
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
