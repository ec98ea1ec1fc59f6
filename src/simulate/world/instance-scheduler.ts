/**
 * An instance as its clients see it, across the lives of its process. Calls made while it is paused wait until it resumes. When it dies, calls in
 * flight end without an answer, and while it is dead every call fails.
 */

import type { Answer, Failure } from "../../protocol/replies.ts";
import type { CallOptions } from "../../scheduler/calls/calls.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";
import type { Instance } from "./instance.ts";

/** The process of the instance does not run. */
class NotThereError extends Error {
  override readonly name = "NotThereError";

  constructor(instance: number) {
    super(`instance ${instance} is not there`);
  }
}

/** No call was made. */
function notThere(): Failure {
  return { kind: "failed", applied: "no", cause: "disconnected", after: 0, message: "the instance is not there" };
}

/** The outcome of a write is unknown to its client when the instance dies during the call. */
function died(): Failure {
  return { kind: "failed", applied: "unknown", cause: "disconnected", after: 0, message: "the instance died" };
}

/** The answers for a client where the scheduler gives none. */
interface Fallback<Result> {
  /** The instance dies during the call. */
  readonly orphaned: () => Result;
  /** The instance is dead already. */
  readonly absent: () => Result;
}

export function schedulerOf(instance: Instance): Scheduler {
  const live = (): Scheduler => {
    const { current } = instance;
    if (current === null) throw new NotThereError(instance.index);
    return current.scheduler;
  };
  const gone = (): never => {
    throw new NotThereError(instance.index);
  };
  const write = <Reply extends { readonly kind: string }>(
    run: (scheduler: Scheduler) => Promise<Answer<Reply>>,
  ): Promise<Answer<Reply>> => call<Answer<Reply>>(instance, run, { orphaned: died, absent: notThere });
  return {
    start: (options) => live().start(options),
    close: (options) => live().close(options),
    registerNode: (request, options) => write((scheduler) => scheduler.registerNode(request, options)),
    heartbeat: (request, options) => write((scheduler) => scheduler.heartbeat(request, options)),
    offlineNode: (node, life, options) => write((scheduler) => scheduler.offlineNode(node, life, options)),
    reserveJob: (node, job, options) =>
      write((scheduler) => scheduler.reserveJob(node, job, heardBy(instance, options))),
    completeJob: (node, job, options) => write((scheduler) => scheduler.completeJob(node, job, options)),
    releaseJob: (node, job, options) => write((scheduler) => scheduler.releaseJob(node, job, options)),
    getNode: (node, options) =>
      call(instance, (scheduler) => scheduler.getNode(node, options), { orphaned: gone, absent: gone }),
    selectNodes: (wanted) => live().selectNodes(wanted),
    dispatch: (request, options) =>
      call(instance, (scheduler) => scheduler.dispatch(request, heardBy(instance, options)), {
        orphaned: () => ({ ...died(), node: "" }),
        absent: () => ({ ...notThere(), node: "" }),
      }),
    config: () => live().config(),
    putConfig: (config, expected, options) => write((scheduler) => scheduler.putConfig(config, expected, options)),
    onOrphaned: (callback) => live().onOrphaned(callback),
    status: () => live().status(),
    nodes: (partition) => live().nodes(partition),
  };
}

/** A paused instance hears of its caller's abort when it resumes, and one that has died never does. */
function heardBy<Options extends CallOptions>(instance: Instance, options: Options | undefined): Options | undefined {
  const signal = options?.signal;
  if (options === undefined || signal === undefined || signal.aborted) return options;
  const heard = new AbortController();
  const { life } = instance;
  const hear = (): void => {
    if (instance.life === life) instance.whenRunning(() => heard.abort(signal.reason));
  };
  signal.addEventListener("abort", hear, { once: true });
  return { ...options, signal: heard.signal };
}

/** Every cause that docs/embedding.md and src/scheduler/ports.ts know. */
const causes: ReadonlySet<string> = new Set([
  ...["deadline", "disconnected", "overloaded", "readonly", "loading", "busy", "out_of_memory", "denied", "wrong_type"],
  ...["moved", "invalid", "layout_mismatch", "protocol", "aborted", "closed"],
]);
/** ms that no call lasts, whatever an instance waits for. */
const longest = 20_000;

/** @throws TypeError for a failure that is not whole: with a cause, a message, and how long it took */
function checked<Result>(answer: Result): Result {
  if (typeof answer !== "object" || answer === null || !("applied" in answer)) return answer;
  const { after, applied, cause, message } = answer as unknown as Failure;
  const isTimed = after >= 0 && after <= longest;
  const isSaid = /\S$/.test(message) && !message.endsWith(":");
  if (isTimed && isSaid && causes.has(cause) && (applied === "no" || applied === "unknown")) return answer;
  throw new TypeError(`a failure as none is documented: ${JSON.stringify(answer)}`);
}

/** Runs a call on the current life of an instance, after its pause. */
function call<Result>(
  instance: Instance,
  run: (scheduler: Scheduler) => Promise<Result>,
  { absent, orphaned }: Fallback<Result>,
): Promise<Result> {
  return new Promise<Result>((resolve, reject) => {
    const settle = (result: () => Result): void => {
      try {
        resolve(result());
      } catch (error) {
        reject(error);
      }
    };
    const ask = (): void => {
      const { current } = instance;
      if (current === null) {
        settle(absent);
        return;
      }
      const end = instance.onDeath(() => settle(orphaned));
      run(current.scheduler).then(
        (answer) => {
          end();
          settle(() => checked(answer));
        },
        (error: unknown) => {
          end();
          reject(error);
        },
      );
    };
    if (instance.isPaused) instance.ready().then(ask).catch(reject);
    else ask();
  });
}
