/** Nodes on which the two sides may differ, and what is known of why. Bounded: what does not fit is counted, and needs an audit. */
import type { Instant } from "../../protocol/time.ts";
import type { Side } from "./registry.ts";

/** The leader's last answer about a job: `held` on the node, or how it ended; `unknown`: the answer was lost. */
export type JobState = "held" | "completed" | "released" | "unknown";

interface OwedJob {
  readonly state: JobState;
  /** The side that answered. */
  readonly by: Side;
  readonly order: number;
}

export interface Owed {
  readonly node: string;
  /** The side that leads for the node. */
  lead: Side;
  readonly jobs: Map<string, OwedJob>;
  /** Only what was known to be true after this says anything. */
  since: Instant;
  /** Passes that have looked at it since it was last written. */
  passes: number;
  /** The effect of the last repair on the other side, as text; it counts once a later pass confirms it. */
  repaired: string | null;
  /** Grows with every write, so that a pass sees whether it was overtaken. */
  marks: number;
}

/**
 * Why a node has to be looked at. `order`: the place among everything that the leaders acknowledged; what is older never replaces what is
 * newer. `life`: a registration or its end; what was known of the jobs before it counts no longer, unless its answer was lost (`order` -1).
 */
export type Mark =
  | { readonly kind: "look" }
  | { readonly kind: "life"; readonly order: number }
  | { readonly kind: "job"; readonly job: string; readonly state: JobState; readonly order: number };

export interface BacklogBounds {
  readonly maxNodes: number;
  /** Jobs remembered for one node; the oldest are forgotten first, and then only a registry that names its jobs can settle the node. */
  readonly maxJobs: number;
}

export class Backlog {
  readonly #bounds: BacklogBounds;
  readonly #owed = new Map<string, Owed>();
  #overflowed = 0;

  constructor(bounds: BacklogBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#owed.size;
  }

  /** Marks that found no room: since then only an audit of all nodes can show that both sides agree. */
  get overflowed(): number {
    return this.#overflowed;
  }

  get(node: string): Owed | undefined {
    return this.#owed.get(node);
  }

  /** In the order of waiting time, the longest first. */
  first(count: number): readonly Owed[] {
    return [...this.#owed.values()].slice(0, count);
  }

  mark(node: string, lead: Side, mark: Mark, now: Instant): void {
    const owed = this.#owed.get(node) ?? this.#begin(node, lead, now);
    if (owed === undefined) return;
    this.#note(owed, lead, mark);
    overtake(owed, now);
  }

  /** Like `mark`, but only for a node that is in the backlog already. */
  heard(node: string, lead: Side, mark: Mark, now: Instant): void {
    if (this.#owed.has(node)) this.mark(node, lead, mark, now);
  }

  /** The node is being written: a pass in progress, and what it has read, count no longer. */
  touch(node: string, now: Instant): void {
    const owed = this.#owed.get(node);
    if (owed !== undefined) overtake(owed, now);
  }

  /** Looked at, and not done: others come first now. */
  postpone(owed: Owed): void {
    this.#owed.delete(owed.node);
    this.#owed.set(owed.node, owed);
  }

  settle(owed: Owed): void {
    this.#owed.delete(owed.node);
  }

  /** After an audit that found room for everything. */
  forgive(): void {
    this.#overflowed = 0;
  }

  #begin(node: string, lead: Side, now: Instant): Owed | undefined {
    if (this.#owed.size >= this.#bounds.maxNodes) {
      this.#overflowed++;
      return undefined;
    }
    const owed = { node, lead, jobs: new Map(), since: now, passes: 0, repaired: null, marks: 0 };
    this.#owed.set(node, owed);
    return owed;
  }

  #note(owed: Owed, by: Side, mark: Mark): void {
    if (mark.kind === "look") return;
    if (mark.kind === "life") {
      owed.lead = by;
      for (const [job, { order }] of owed.jobs) if (order < mark.order) owed.jobs.delete(job);
      return;
    }
    const { job, state, order } = mark;
    if ((owed.jobs.get(job)?.order ?? -1) > order) return;
    owed.jobs.delete(job);
    owed.jobs.set(job, { state, by, order });
    for (const oldest of owed.jobs.keys()) {
      if (owed.jobs.size <= this.#bounds.maxJobs) break;
      owed.jobs.delete(oldest);
    }
  }
}

function overtake(owed: Owed, now: Instant): void {
  owed.since = now;
  owed.marks++;
  owed.passes = 0;
  owed.repaired = null;
}
