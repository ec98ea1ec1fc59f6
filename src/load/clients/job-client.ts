/** A client that places jobs and ends them. A call of unknown outcome is repeated under the same job id until its outcome is known. */

import type { Wish } from "../../check/history.ts";
import type { Millis } from "../../protocol/time.ts";
import type { ReservationOptions } from "../plan/plan.ts";
import { wanted } from "../plan/request.ts";
import { type Caller, type CallResult, failureResult, writeResult } from "./caller.ts";
import type { Running } from "./running.ts";
import type { Placed, Target } from "./target.ts";

/** Made once: an exception takes its stack, which costs more than the call that it ends. */
const givenUp = new DOMException("This operation was aborted", "AbortError");
/** ms between two attempts. */
const retryAfter: Millis = 60;

export class JobClient {
  readonly #caller: Caller;
  readonly #schedulers: readonly Target[];
  readonly #wait: (duration: Millis) => Promise<void>;
  readonly #running: Running;
  readonly #nodeOf = new Map<string, string>();
  /** Jobs that have ended: when the place of one becomes known only then, it is not begun. */
  readonly #over = new Set<string>();
  #isStopped = false;

  /**
   * @param wait by the run's clock
   * @param running records each job that begins and ends
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

  /** No further retries. */
  stop(): void {
    this.#isStopped = true;
  }

  async dispatch(instance: number, job: string, { abort, wish = wanted }: DispatchedOptions = {}): Promise<void> {
    const scheduler = this.#schedulers[instance];
    if (scheduler === undefined) return;
    const { attempts, count: _, lease, ...asked } = wish;
    const options = { ...(lease !== undefined && { lease }), ...(attempts !== undefined && { attempts }) };
    const subject = { instance, op: "dispatch", job, asked: wish } as const;
    const result = await this.#retry(["info"], abort, (signal) =>
      this.#caller.call(
        { ...subject, ...signal },
        () => scheduler.dispatch({ ...asked, job }, { ...options, ...signal }),
        dispatchResult,
      ),
    );
    if (result.outcome === "ok" && result.node !== undefined) this.#placed(result, result.node, job);
  }

  async reserve(instance: number, node: string, job: string, { abort, lease }: ReservationOptions = {}): Promise<void> {
    const scheduler = this.#schedulers[instance];
    if (scheduler === undefined) return;
    const options = lease === undefined ? {} : { lease };
    const subject = { instance, op: "reserve_job", node, job, ...options } as const;
    const result = await this.#retry(["info"], abort, (signal) =>
      this.#caller.call(
        { ...subject, ...signal },
        () => scheduler.reserveJob(node, job, { ...options, ...signal }),
        writeResult,
      ),
    );
    if (hasPlace(result)) this.#placed(result, node, job);
  }

  /** A call that was certainly not sent is retried too: the job has ended, and its place is needed. */
  async finish(instance: number, job: string, how: "complete_job" | "release_job"): Promise<void> {
    const scheduler = this.#schedulers[instance];
    const node = this.#nodeOf.get(job);
    this.#over.add(job);
    if (scheduler === undefined || node === undefined) return;
    this.#running.ended(node, job);
    const run = () => (how === "complete_job" ? scheduler.completeJob(node, job) : scheduler.releaseJob(node, job));
    const subject = { instance, op: how, node, job } as const;
    await this.#retry(["info", "fail"], undefined, () => this.#caller.call(subject, run, writeResult));
  }

  #abortedAfter(delay: Millis): AbortSignal {
    const controller = new AbortController();
    if (delay === 0) controller.abort(givenUp);
    else void this.#wait(delay).then(() => controller.abort(givenUp));
    return controller.signal;
  }

  #placed(result: CallResult, node: string, job: string): void {
    this.#nodeOf.set(job, node);
    if (hasPlace(result) && !this.#over.has(job)) this.#running.began(node, job);
  }

  /** Repeats `attempt` while its outcome is one of `open`. @param abort after how long the first one is given up; what became of it is then asked for */
  async #retry(
    open: readonly CallResult["outcome"][],
    abort: Millis | undefined,
    attempt: (given: { readonly signal?: AbortSignal }) => Promise<CallResult>,
  ): Promise<CallResult> {
    let isUnknown = false;
    let given = abort === undefined ? {} : { signal: this.#abortedAfter(abort) };
    for (;;) {
      const result = await attempt(given);
      given = {};
      isUnknown ||= result.outcome === "info";
      // A retry that was not sent says nothing about the earlier attempt, which may have happened.
      const isOpen = open.includes(result.outcome) || (isUnknown && result.outcome === "fail");
      if (this.#isStopped || !isOpen || result.reply.startsWith("threw")) return result;
      await this.#wait(retryAfter);
      if (this.#isStopped) return result;
    }
  }
}

/** Options of a dispatch beside the job. */
interface DispatchedOptions {
  /** Absent: the usual request. */
  readonly wish?: Wish;
  readonly abort?: Millis;
}

function hasPlace({ reply }: CallResult): boolean {
  return reply === "reserved" || reply === "already";
}

export function dispatchResult(answer: Placed): CallResult {
  switch (answer.kind) {
    case "failed":
      return { ...failureResult(answer), node: answer.node };
    case "no_node":
      return { outcome: "ok", reply: "no_node", tried: answer.tried };
    case "finished":
    case "finished_unknown":
      return { outcome: "ok", reply: answer.kind, node: answer.node };
    case "dispatched":
      return { outcome: "ok", reply: answer.outcome, node: answer.node, version: answer.version };
  }
}
