/**
 * dispatch: a place for a job. Select, reserve, and go on to the next candidate on `full` or `not_online`.
 *
 * A reserve that may have happened is settled before another node is tried, by repeating it on the same node. Where that is not possible, the answer
 * says so and the node is remembered: a later dispatch of the job asks there first. So one instance never has a job in two places that it knows of.
 * A reserve that cannot be settled ends with its lease.
 */

import type { Answer, Failure, ReserveReply } from "../../protocol/replies.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Version } from "../../protocol/version.ts";
import type { Emit } from "../events.ts";
import { checkId, checkInteger } from "../input.ts";
import { isFailure } from "../ports.ts";
import { BoundedMap } from "../reading/bounded.ts";
import { Coalescer } from "../reading/coalesce.ts";
import type { Settings } from "../settings.ts";
import { isAmbiguous, type Writes } from "../writing/writes.ts";
import type { Selection, SelectionRequest } from "./select.ts";

export interface DispatchRequest extends Omit<SelectionRequest, "count"> {
  /** Unique, the same on every retry. Without a pool and a `key` it is also what the pool is chosen by. */
  readonly job: string;
}

export interface DispatchOptions {
  /** How long the place is kept without a heartbeat that names the job; `settings.lease` when absent. Milliseconds, 1 to a day. */
  readonly lease?: Millis;
  /** How many nodes are tried, 1 to 100; `settings.dispatchCandidates` when absent. */
  readonly attempts?: number;
  /** Ends it: no further node is tried. Rejects with its reason where the job has no place for certain; else `aborted`, "unknown". */
  readonly signal?: AbortSignal;
}

export type Dispatched =
  | {
      readonly kind: "dispatched";
      readonly node: string;
      readonly version: Version;
      readonly outcome: "reserved" | "already";
    }
  /** The job ended there before. */
  | { readonly kind: "finished"; readonly node: string }
  /** The job may have ended there before: the node has finished more jobs since it was first asked than the store remembers. */
  | { readonly kind: "finished_unknown"; readonly node: string }
  /** Nothing suits, or all that suit are full; `tried` were asked. */
  | { readonly kind: "no_node"; readonly tried: readonly string[] }
  /** `applied: "unknown"`: the job may hold a place on `node`; dispatch it again under the same id, or let the lease end it. */
  | (Failure & { readonly node: string });

export interface DispatchPorts {
  readonly settings: Settings;
  readonly writes: Writes;
  readonly emit: Emit;
  readonly select: (wanted: SelectionRequest) => Selection;
  /** Whether the instance has not been closed. */
  readonly isOpen: () => boolean;
}

interface Placement {
  readonly node: string;
  readonly certain: boolean;
  /** When its place was granted; null: that is not known. */
  readonly at: Version | null;
}

/** When jobs lost their places, and the epoch that is followed now. */
interface Loss {
  readonly lostAt: Version;
  readonly current: string;
}

/** No node is chosen: what is held may be past. */
const closed: Dispatched = {
  kind: "failed",
  applied: "no",
  cause: "closed",
  after: 0,
  message: "not sent: this instance is closed",
  node: "",
};

export class Dispatcher {
  readonly #ports: DispatchPorts;
  /** Never too old to ask: a job that is not there any longer takes a place there again, or gets another. */
  readonly #placements: BoundedMap<string, Placement>;
  readonly #dispatches = new Coalescer<string, Dispatched>();

  constructor(ports: DispatchPorts) {
    this.#ports = ports;
    this.#placements = new BoundedMap(ports.settings.maxEntries);
  }

  /** Takes at most two writes for each node that is tried, each within its deadline. A dispatch of a job that is being dispatched joins
   * that dispatch and shares its result and its options.
   * @throws InvalidInputError; the signal's reason
   */
  async dispatch(request: DispatchRequest, options: DispatchOptions = {}): Promise<Dispatched> {
    const { attempts, lease } = options;
    checkId("job", request.job);
    if (attempts !== undefined) checkInteger("attempts", attempts, 1, 100);
    if (lease !== undefined) checkInteger("lease", lease, 1, 86_400_000);
    return this.#dispatches.join(request.job, () => this.#dispatch(request, options));
  }

  async #dispatch(request: DispatchRequest, options: DispatchOptions): Promise<Dispatched> {
    const { isOpen, select, settings } = this.#ports;
    const { job } = request;
    const attempts = options.attempts ?? settings.dispatchCandidates;
    const tried: string[] = [];
    const former = this.#placements.get(job);
    if (former !== undefined) {
      const placed = await this.#placeOn(former.node, job, former, options);
      if (placed !== null) return placed;
      tried.push(former.node);
    }
    if (!isOpen()) return closed;
    const { nodes } = select({ ...request, key: request.key ?? job, count: attempts });
    for (const { node } of nodes) {
      if (tried.length === attempts) break;
      if (tried.includes(node)) continue;
      options.signal?.throwIfAborted();
      const placed = await this.#placeOn(node, job, null, options);
      if (placed !== null) return placed;
      tried.push(node);
    }
    return { kind: "no_node", tried };
  }

  /** The jobs have lost their places on the node: the next dispatch of one need not ask there first.
   * @returns those that this instance had placed there
   */
  orphaned(node: string, jobs: readonly string[], loss: Loss): readonly string[] {
    const ours = jobs.filter((job) => {
      const placement = this.#placements.get(job);
      return placement?.node === node && !isAfter(placement.at, loss);
    });
    for (const job of ours) this.#forget(job);
    return ours;
  }

  /** The job has no place on the node any longer. It may have one elsewhere, where it was dispatched again. */
  ended(node: string, job: string): void {
    if (this.#placements.get(job)?.node === node) this.#forget(job);
  }

  #forget(job: string): void {
    this.#placements.delete(job);
  }

  /** @returns null when the node has no place for it, for certain */
  async #placeOn(
    node: string,
    job: string,
    former: Placement | null,
    options: DispatchOptions,
  ): Promise<Dispatched | null> {
    const isUncertain = former !== null && !former.certain;
    this.#remember(job, node, former?.certain ?? false);
    const answer = await this.#reserve(node, job, isUncertain, options);
    if (isFailure(answer)) {
      const mayBeThere = isUncertain || answer.applied === "unknown";
      // Meanwhile it may have lost an earlier place there, and been forgotten with it.
      if (mayBeThere) this.#remember(job, node, former?.certain ?? false);
      else if (former === null) this.#forget(job);
      return { ...answer, applied: mayBeThere ? "unknown" : "no", node };
    }
    if (answer.kind === "full" || answer.kind === "not_online") {
      this.#forget(job);
      return null;
    }
    if (answer.kind === "finished" || answer.kind === "finished_unknown") {
      this.#forget(job);
      return { kind: answer.kind, node };
    }
    this.#remember(job, node, true, answer.version);
    return { kind: "dispatched", node, version: answer.version, outcome: answer.kind };
  }

  async #reserve(node: string, job: string, urgent: boolean, options: DispatchOptions): Promise<Answer<ReserveReply>> {
    const { emit, settings, writes } = this.#ports;
    const first = await writes.reserveJob(node, job, { ...options, urgent });
    // With "all" the write has been repeated already.
    if (!isAmbiguous(first) || settings.retryAmbiguous !== "dispatch") return first;
    const again = await writes.reserveJob(node, job, { ...options, urgent: true });
    if (isFailure(again)) return { ...again, applied: "unknown" };
    emit({ kind: "ambiguity_resolved", job, node, outcome: again.kind });
    return again;
  }

  #remember(job: string, node: string, certain: boolean, at: Version | null = null): void {
    this.#placements.set(job, { node, certain, at });
  }
}

/** Whether the place was granted since: a loss that is reported late is not the loss of a later place. */
function isAfter(at: Version | null, { current, lostAt }: Loss): boolean {
  if (at === null) return false;
  return at.epoch === lostAt.epoch ? at.sequence > lostAt.sequence : at.epoch === current;
}
