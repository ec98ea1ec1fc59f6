/**
 * Part of O1: the node on which the last dispatch of a job through an instance placed it, as far as the calls of its clients show. Of a job of which two
 * calls are in flight at once, or one ended without an answer, it is not known until a later call shows it.
 */
import type { Call, Millis, Version } from "../../check/history.ts";
import type { Called } from "../event.ts";

interface Placement {
  /** null: none. */
  node: string | null;
  /** The version of the answer that placed it; undefined: it named none. */
  version: Version | undefined;
  isKnown: boolean;
  /** Calls in flight, and whether something else happened to the job meanwhile. */
  open: number;
  isMixed: boolean;
  /** When the last call of it was made, and how many dispatches had returned by then. */
  at: Millis;
  returnedBefore: number;
}

/** Where and when a job lost its place, as an instance reports it. */
interface Loss {
  readonly node: string;
  /** The placement of a job whose last call was made before is not known. */
  readonly since: Millis;
  readonly lostAt: Version | undefined;
  /** That the instance follows now. */
  readonly epoch: string | undefined;
}

/** `here`: on the node; `elsewhere`: not there, or not by this instance. */
type Placing = "here" | "elsewhere" | "unknown";

const placed: ReadonlySet<string> = new Set(["reserved", "already"]);
const ended: ReadonlySet<string> = new Set(["completed", "no_node", "finished", "finished_unknown"]);

/** The jobs placed through one instance, in one life. */
export class DispatchedJobs {
  readonly #jobs = new Map<string, Placement>();
  /** Calls in flight -> the job. */
  readonly #calls = new Map<number, string>();
  /** Placements that the instance remembers; of more dispatches the oldest may be forgotten. */
  readonly #most: number;
  #dispatches = 0;
  #returned = 0;

  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most;
  }

  /** Its process is a new one. */
  clear(): void {
    this.#jobs.clear();
    this.#calls.clear();
  }

  called({ at, call, job, op }: Called): void {
    const placement = this.#jobs.get(job) ?? {
      node: null,
      version: undefined,
      isKnown: true,
      open: 0,
      isMixed: false,
      at,
      returnedBefore: 0,
    };
    if (op === "dispatch") this.#dispatches += 1;
    placement.isMixed ||= placement.open > 0;
    placement.open += 1;
    placement.at = at;
    placement.returnedBefore = this.#returned;
    this.#jobs.set(job, placement);
    this.#calls.set(call, job);
  }

  returned(call: Call): void {
    const placement = this.#jobs.get(this.#calls.get(call.id) ?? "");
    if (!this.#calls.delete(call.id) || placement === undefined) return;
    if (call.op === "dispatch") this.#returned += 1;
    placement.open -= 1;
    if (placement.open > 0) return;
    const { isMixed } = placement;
    placement.isMixed = false;
    const { node = null, op, outcome, reply } = call;
    if (isMixed || outcome !== "ok") placement.isKnown = false;
    else if (op === "dispatch" && placed.has(reply))
      Object.assign(placement, { node, version: call.version, isKnown: true });
    else if (ended.has(reply)) Object.assign(placement, { node: null, isKnown: true });
  }

  of(job: string, { epoch, lostAt, node, since }: Loss): Placing {
    const placement = this.#jobs.get(job);
    if (placement === undefined) return "elsewhere";
    if (!placement.isKnown || placement.open > 0 || placement.at < since) return "unknown";
    if (placement.node !== node) return "elsewhere";
    // Beside its own, those that were in flight at its last call or came later.
    if (this.#dispatches - placement.returnedBefore > this.#most) return "unknown";
    const { version } = placement;
    if (lostAt === undefined || version === undefined) return "here";
    // A place that was granted since is another one. Of two epochs that are both past the order is not known here.
    if (version.epoch === lostAt.epoch) return version.sequence > lostAt.sequence ? "elsewhere" : "here";
    if (version.epoch === epoch) return "elsewhere";
    return lostAt.epoch === epoch ? "here" : "unknown";
  }

  /** The instance knows that the job has lost its place on the node. */
  lost(job: string, node: string): void {
    const placement = this.#jobs.get(job);
    if (placement === undefined) return;
    placement.isMixed ||= placement.open > 0;
    if (placement.node === node) placement.node = null;
  }
}
