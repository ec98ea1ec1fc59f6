/**
 * An instance as its clients see it: whichever life it lives. While it stands still calls wait at its door; when it dies, calls under way end
 * without an answer, and while it is dead nothing can be asked of it.
 */
import type { Answer, Failure } from "../../scheduler/ports.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";
import type { Instance } from "./instance.ts";

/** The process is not there. */
class NotThereError extends Error {
  override readonly name = "NotThereError";

  constructor(instance: number) {
    super(`instance ${instance} is not there`);
  }
}

/** Nothing was asked of anybody. */
function notThere(): Failure {
  return { kind: "failed", applied: "no", cause: "disconnected", after: 0, message: "the instance is not there" };
}

/** What a client knows of a write whose instance died under it. */
function died(): Failure {
  return { kind: "failed", applied: "unknown", cause: "disconnected", after: 0, message: "the instance died" };
}

export function frontOf(instance: Instance): Scheduler {
  const live = (): Scheduler => {
    const { current } = instance;
    if (current === null) throw new NotThereError(instance.index);
    return current.scheduler;
  };
  /**
   * @param orphaned what the client is left with when the instance dies under the call
   * @param absent what it is told when the instance is dead already
   */
  const call = <Told>(
    run: (scheduler: Scheduler) => Promise<Told>,
    orphaned: () => Told,
    absent: () => Told,
  ): Promise<Told> =>
    new Promise<Told>((resolve, reject) => {
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
            resolve(answer);
          },
          (error: unknown) => {
            end();
            reject(error);
          },
        );
      };
      const settle = (tell: () => Told): void => {
        try {
          resolve(tell());
        } catch (error) {
          reject(error);
        }
      };
      if (instance.isPaused) instance.ready().then(ask).catch(reject);
      else ask();
    });
  const gone = (): never => {
    throw new NotThereError(instance.index);
  };
  const write = <Reply extends { readonly kind: string }>(
    run: (scheduler: Scheduler) => Promise<Answer<Reply>>,
  ): Promise<Answer<Reply>> => call<Answer<Reply>>(run, died, notThere);
  return {
    start: (options) => live().start(options),
    close: (options) => live().close(options),
    registerNode: (request, options) => write((scheduler) => scheduler.registerNode(request, options)),
    heartbeat: (request, options) => write((scheduler) => scheduler.heartbeat(request, options)),
    offlineNode: (node, life, options) => write((scheduler) => scheduler.offlineNode(node, life, options)),
    reserveJob: (node, job, options) => write((scheduler) => scheduler.reserveJob(node, job, options)),
    completeJob: (node, job, options) => write((scheduler) => scheduler.completeJob(node, job, options)),
    releaseJob: (node, job, options) => write((scheduler) => scheduler.releaseJob(node, job, options)),
    getNode: (node, options) => call((scheduler) => scheduler.getNode(node, options), gone, gone),
    selectNodes: (wanted) => live().selectNodes(wanted),
    dispatch: (request, options) =>
      call(
        (scheduler) => scheduler.dispatch(request, options),
        () => ({ ...died(), node: "" }),
        () => ({ ...notThere(), node: "" }),
      ),
    config: () => live().config(),
    putConfig: (config, expected, options) => write((scheduler) => scheduler.putConfig(config, expected, options)),
    onOrphaned: (callback) => live().onOrphaned(callback),
    status: () => live().status(),
    nodes: (partition) => live().nodes(partition),
  };
}
