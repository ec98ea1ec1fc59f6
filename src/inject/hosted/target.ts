/** The interface through which clients call a hosted instance. If the process ends during a call, the call may have happened; a call without a process certainly did not. */
import type { DispatchOptions, ReserveOptions, Target } from "../../load/clients/target.ts";
import type { Failure } from "../../protocol/replies.ts";
import type { Version } from "../../protocol/version.ts";
import type { CallName } from "./messages.ts";

type Args<Name extends CallName> = Parameters<Target[Name]>;
type AnswerTo<Name extends CallName> = Awaited<ReturnType<Target[Name]>>;

/** The call has no answer, since the process has ended. */
export class ProcessEndedError extends Error {
  override readonly name = "ProcessEndedError";
  readonly applied: Failure["applied"];

  constructor(applied: Failure["applied"]) {
    super(applied === "no" ? "gone: the process had ended" : "gone: the process ended under the call");
    this.applied = applied;
  }
}

export abstract class HostedTarget implements Target {
  /** @param signal of the last argument, which has none
   * @throws ProcessEndedError; what the scheduler threw */
  protected abstract ask(name: CallName, args: readonly unknown[], signal?: AbortSignal): Promise<object>;
  abstract config(): { readonly version: Version } | null;

  registerNode(...args: Args<"registerNode">) {
    return this.#write("registerNode", args, {});
  }

  heartbeat(...args: Args<"heartbeat">) {
    return this.#write("heartbeat", args, {});
  }

  offlineNode(...args: Args<"offlineNode">) {
    return this.#write("offlineNode", args, {});
  }

  reserveJob(node: string, job: string, { signal, ...options }: ReserveOptions = {}) {
    return this.#write("reserveJob", [node, job, options], {}, signal);
  }

  completeJob(...args: Args<"completeJob">) {
    return this.#write("completeJob", args, {});
  }

  releaseJob(...args: Args<"releaseJob">) {
    return this.#write("releaseJob", args, {});
  }

  dispatch(request: Args<"dispatch">[0], { signal, ...options }: DispatchOptions = {}) {
    return this.#write("dispatch", [request, options], { node: "" }, signal);
  }

  putConfig(...args: Args<"putConfig">) {
    return this.#write("putConfig", args, {});
  }

  getNode(...args: Args<"getNode">) {
    return this.ask("getNode", args) as Promise<AnswerTo<"getNode">>;
  }

  selectNodes(...args: Args<"selectNodes">) {
    return this.ask("selectNodes", args) as Promise<AnswerTo<"selectNodes">>;
  }

  async #write<Name extends CallName, More extends object>(
    name: Name,
    args: Args<Name>,
    more: More,
    signal?: AbortSignal,
  ): Promise<AnswerTo<Name> | (Failure & More)> {
    try {
      return (await this.ask(name, args, signal)) as AnswerTo<Name>;
    } catch (error) {
      if (!(error instanceof ProcessEndedError)) throw error;
      const { applied, message } = error;
      return { kind: "failed", applied, cause: "disconnected", after: 0, message, ...more };
    }
  }
}
