/** Replies without a version, which a system may give: what the feed says of their time tells whether they can be true. */
import type { Call, Millis } from "../../history.ts";
import { type ObservedChange, observerLag } from "../../observed/observation.ts";
import type { NodeCourse } from "../node/course.ts";
import type { Courses } from "../node/courses.ts";
import { isOwn, type Saying } from "../node/reply.ts";
import type { PlacedCalls, Range } from "./placed-calls.ts";

export interface Unversioned {
  readonly call: Call;
  /** How many of its requests to the store were not answered. */
  readonly lost: number;
  readonly saying: Saying;
  readonly to: Millis;
}

export interface Explanation {
  /** The position of the change that it made; null: of none. */
  readonly made: number | null;
  /** Of that change; null: it made none. */
  readonly era: number | null;
  /** The states that it may have seen. */
  readonly ranges: readonly Range[];
  /** It may have made a change without saying so. */
  readonly isWish: boolean;
  /** Nothing that was seen explains it, but not all was seen. */
  readonly isOpen: boolean;
  /** Nothing explains it. */
  readonly isNowhere: boolean;
}

/** One change explains one reply that says that it made it; the reply that ended first takes the first that it can. */
export class UnversionedReplies {
  readonly #courses: Courses;
  readonly #course: NodeCourse;
  /** Positions of changes that some call says to have made. */
  readonly #claimed = new Set<number>();
  /** By kind and job, the steps that such a change brought about. */
  readonly #steps = new Map<string, number[]>();

  constructor(courses: Courses, course: NodeCourse, placed: PlacedCalls) {
    this.#courses = courses;
    this.#course = course;
    for (let call = 0; call < placed.size; call += 1) {
      const made = placed.madeBy(call);
      if (made >= 0 && !placed.sees(call)) this.#claimed.add(made);
    }
    for (let step = 0; step < course.size; step += 1) {
      const change = course.entry(step)?.change;
      if (change === undefined) continue;
      const key = keyOf(change.kind, "job" in change ? change.job : undefined);
      this.#steps.set(key, [...(this.#steps.get(key) ?? []), step]);
    }
  }

  /** The node's; null: nobody saw a change of it. */
  get partition(): number | null {
    for (let step = 0; step < this.#course.size; step += 1) {
      const entry = this.#course.entry(step);
      if (entry !== null) return entry.partition;
    }
    return null;
  }

  explain({ call, saying: { makes, sees }, to }: Unversioned): Explanation {
    const step = makes === null ? null : this.#stepMadeBy(call, makes, to);
    const seen = sees === null ? { isOpen: false, ranges: [] } : this.#rangesSeen(call, sees, to);
    const entry = step === null ? null : this.#course.entry(step);
    // Of those who may have changed nothing it is not known which change was theirs.
    const made = step === null || (sees !== null && seen.ranges.length > 0) ? null : this.#course.from(step);
    if (made !== null) this.#claimed.add(made);
    const isNowhere = made === null && seen.ranges.length === 0;
    return {
      made,
      era: made === null || entry === null ? null : (this.#courses.epochOf(entry)?.era ?? null),
      ranges: seen.ranges,
      isWish: makes !== null && made === null && !isNowhere,
      isOpen: isNowhere && seen.isOpen,
      isNowhere,
    };
  }

  /** A change is seen no sooner than it is made, and little later. */
  #stepMadeBy(call: Call, kind: ObservedChange["kind"], to: Millis): number | null {
    const course = this.#course;
    for (const step of this.#steps.get(keyOf(kind, call.job)) ?? this.#steps.get(keyOf(kind, undefined)) ?? []) {
      const seenAt = course.seenAt[step] as number;
      if (seenAt < call.from || this.#claimed.has(course.from(step))) continue;
      if (seenAt - observerLag > to) return null;
      const entry = course.entry(step);
      if (entry !== null && isOwn(call, kind, entry.change, course.held(step - 1))) return step;
    }
    return null;
  }

  /** What the node was while the call was under way. */
  #rangesSeen(
    call: Call,
    sees: NonNullable<Saying["sees"]>,
    to: Millis,
  ): { readonly ranges: readonly Range[]; readonly isOpen: boolean } {
    const course = this.#course;
    const ranges: Range[] = [];
    let isOpen = false;
    for (let step = -1; step < course.size; step += 1) {
      const next = course.seenAt[step + 1] ?? Number.POSITIVE_INFINITY;
      if (next !== Number.NEGATIVE_INFINITY && next < call.from) continue;
      if (step >= 0 && (course.seenAt[step] as number) - observerLag > to) break;
      const moment = course.moment(step);
      if (moment === "unseen") isOpen = true;
      else if (sees(call, moment)) ranges.push({ first: course.from(step), last: course.lastOf(step) });
    }
    return { ranges: ranges.filter(({ first, last }) => last >= first), isOpen };
  }
}

function keyOf(kind: ObservedChange["kind"], job: string | undefined): string {
  return `${kind} ${job ?? ""}`;
}
