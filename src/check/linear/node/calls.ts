/** The calls of one node, each at the positions that its reply allows. */

import type { Call, Millis, ReadAnswer, Version } from "../../history.ts";
import type { Coverage } from "../../observed/coverage.ts";
import type { ObservedChange } from "../../observed/observation.ts";
import { type Stalls, timerGrain } from "../../timing/stall.ts";
import { PlacedCalls } from "../run/placed-calls.ts";
import { type Unversioned, UnversionedReplies } from "../run/unversioned.ts";
import type { Room } from "../search/order.ts";
import { inTimeOrder } from "../search/time-order.ts";
import type { NodeCourse } from "./course.ts";
import { type Courses, type KnownEpoch, positionIn } from "./courses.ts";
import type { NodeMoment } from "./moment.ts";
import { isOwn, sayingOf, wishOf } from "./reply.ts";
import type { JudgedCall } from "./stories.ts";

/** Of a call that any server may have answered. */
export const anyEra = -1;

/** In place of a step: further than anybody saw. */
const beyond = -2;

/** What is known of the run besides the courses of its nodes. */
export interface Beside {
  readonly coverage: Coverage;
  readonly stalls: Pick<Stalls, "within">;
}

export class NodeCalls {
  /** In the order in which they were taken; what could not be judged is not among them. */
  readonly calls: Call[] = [];
  readonly placed = new PlacedCalls();
  /** Which servers' doing each may have been: one, or `anyEra`; empty where there was one server all the time. */
  readonly eras: number[] = [];
  #unanswered = 0;
  #unjudged = 0;
  readonly #courses: Courses;
  readonly #course: NodeCourse;
  readonly #stalls: Pick<Stalls, "within">;
  #lastEpoch: string | null = null;
  #lastKnown: KnownEpoch | null = null;
  /** When those that were not answered came back nevertheless. */
  readonly #givenUp = new Map<number, Millis>();
  readonly #coverage: Coverage;
  readonly #unversioned: Unversioned[] = [];
  /** Replies without a version that no change and no state of the node explains. */
  readonly unexplained: Call[] = [];
  /** The same, where what would explain them may have gone unseen. */
  readonly unseen: Call[] = [];

  constructor(courses: Courses, node: string, { coverage, stalls }: Beside) {
    this.#courses = courses;
    this.#coverage = coverage;
    this.#stalls = stalls;
    this.#course = courses.of(node);
  }

  get unanswered(): number {
    return this.#unanswered;
  }

  get answered(): number {
    return this.calls.length - this.#unanswered;
  }

  /** Those that were answered at a version at which nobody saw what the node was. */
  get unjudged(): number {
    return this.#unjudged;
  }

  /** null: nobody saw it. Mostly it is that of the call before: of other nodes in between there may have been others. */
  epochOf(version: Version): KnownEpoch | null {
    if (version.epoch !== this.#lastEpoch) {
      this.#lastEpoch = version.epoch;
      this.#lastKnown = this.#courses.epochOf(version);
    }
    return this.#lastKnown;
  }

  /**
   * Passes over what says nothing that could be judged, and did nothing.
   * @param epoch of its version; null: it has none, or nobody saw that epoch
   * @param lost how many of its requests to the store were not answered: each of them may still take effect
   */
  take(call: Call, epoch: KnownEpoch | null, lost: number): void {
    const { outcome, reply, to } = call;
    if (outcome === "info" || to === null || reply.startsWith("threw")) {
      const change = wishOf(call);
      if (change === null) return;
      this.#unanswered += 1;
      this.placed.wishFor(this.#add(call, anyEra, call.from, Number.POSITIVE_INFINITY), {
        change,
        times: Math.max(1, lost),
      });
      return;
    }
    if (outcome === "fail") return;
    const { read } = call;
    const isRead = read !== undefined && call.op === "get_node";
    const number = isRead ? this.#takeRead(call, read, to) : this.#takeReply(call, epoch, to, lost);
    const change = number !== null && lost > 0 ? wishOf(call) : null;
    if (number !== null && change !== null) this.placed.wishFor(number, { change, times: lost });
  }

  /** A read that may have been answered by any of several servers is held against what the node ever was, not against an order. */
  of(era: number): readonly number[] {
    const { placed } = this;
    const isOf = (own: number, call: number) =>
      own === anyEra ? placed.to(call) === Number.POSITIVE_INFINITY || !placed.sees(call) : own === era;
    return this.eras.flatMap((own, call) => (isOf(own, call) ? [call] : []));
  }

  /** Of those numbers; null: all. */
  judged(chosen: readonly number[] | null): readonly JudgedCall[] {
    const all = this.calls.map((call, number) => ({ call, to: this.placed.to(number) }));
    return chosen === null ? all : chosen.map((number) => all[number] as JudgedCall);
  }

  /** How many were under way with another one. */
  overlapping(room: Room): number {
    const { size } = this.placed;
    room.make(size);
    const { from, to } = room;
    this.placed.copyTimes("sent", from, to);
    let count = 0;
    let until = Number.NEGATIVE_INFINITY;
    let isAlone = true;
    for (const index of inTimeOrder(from, size, room.byCall)) {
      const overlaps = (from[index] as number) <= until;
      if (overlaps) count += isAlone ? 2 : 1;
      isAlone = !overlaps;
      const ended = to[index] as number;
      until = Math.max(until, ended === Number.POSITIVE_INFINITY ? (this.#givenUp.get(index) ?? ended) : ended);
    }
    return count;
  }

  /** @param since when it may have taken effect, to the earliest, where it is not when it was made */
  #add(call: Call, era: number, from: Millis, to: Millis, since: Millis = from): number {
    const number = this.placed.add(since, to, from);
    if (to === Number.POSITIVE_INFINITY && call.to !== null) this.#givenUp.set(number, call.to);
    this.calls.push(call);
    if (this.#courses.hasSeveralEras) this.eras.push(era);
    return number;
  }

  #takeReply(call: Call, epoch: KnownEpoch | null, to: Millis, lost: number): number | null {
    const saying = sayingOf(call);
    if (saying === null) return null;
    const { from, version } = call;
    if (version === undefined) {
      this.#unversioned.push({ call, lost, saying, to });
      return null;
    }
    if (this.#isFalse(version, epoch, from, to)) return this.#add(call, anyEra, from, to);
    if (epoch === null) {
      this.#unjudged += 1;
      return null;
    }
    const { sequence } = version;
    const position = positionIn(epoch, version);
    const number = this.#add(call, epoch.era, from, to);
    const course = this.#course;
    // Steps begin at changes, so it is one step that the change belongs to and the state after it.
    const step = sequence > epoch.last ? beyond : course.stepAt(position);
    const isUnseen = step === beyond || course.held(step) === "unseen";
    const { makes, sees } = saying;
    const mayMake = makes !== null && this.#mayMake(call, makes, step, position);
    // Of the call that made a change the change tells all that its reply does.
    if (isUnseen && !(mayMake && this.#isChangeAt(step, position))) this.#unjudged += 1;
    if (mayMake) this.placed.mayHaveMade(number, position);
    // Whoever made a change has seen what it made.
    const maySee = sees !== null && (mayMake || isUnseen || sees(call, this.#momentAt(step)));
    if (maySee) this.placed.maySee(number, position + 1, position + 1);
    return number;
  }

  /** Whether the store was never at the version from `since` to `until`: such a reply has no place anywhere. */
  #isFalse(version: Version, epoch: KnownEpoch | null, since: Millis, until: Millis): boolean {
    if (epoch !== null && version.sequence <= epoch.last && version.sequence >= 0) return false;
    return this.#coverage.standing(version, since, until) === "never";
  }

  /** Places the replies without a version, once all others have said which changes were theirs. */
  settle(): void {
    if (this.#unversioned.length === 0) return;
    const replies = new UnversionedReplies(this.#courses, this.#course, this.placed);
    for (const one of this.#unversioned.sort((a, b) => a.to - b.to)) {
      const { call, lost, to } = one;
      const found = replies.explain(one);
      if (found.isOpen || (found.isNowhere && this.#coverage.mayHideChange(replies.partition, call.from, to))) {
        this.unseen.push(call);
        this.#unjudged += 1;
        continue;
      }
      if (found.isNowhere) this.unexplained.push(call);
      const number = this.#add(call, found.era ?? anyEra, call.from, to);
      if (found.made !== null) this.placed.mayHaveMade(number, found.made);
      this.placed.maySeeAll(number, found.ranges);
      const change = found.isWish || lost > 0 ? wishOf(call) : null;
      if (change !== null) this.placed.wishFor(number, { change, times: Math.max(1, lost) });
    }
  }

  #mayMake(call: Call, kind: ObservedChange["kind"], step: number, position: number): boolean {
    if (step === beyond) return true;
    const course = this.#course;
    const entry = course.entry(step);
    if (entry === null) return course.held(step) === "unseen";
    if (course.from(step) !== position) return false;
    let before = step - 1;
    while (before >= 0 && course.from(before) >= position) before -= 1;
    return isOwn(call, kind, entry.change, course.held(before));
  }

  /** Whether its change is at just this position, which is told by what it was. */
  #isChangeAt(step: number, position: number): boolean {
    return step !== beyond && this.#course.from(step) === position && this.#course.entry(step) !== null;
  }

  #momentAt(step: number): NodeMoment | "absent" {
    const moment = this.#course.moment(step);
    return moment === "unseen" ? "absent" : moment;
  }

  /**
   * Only an answer that came from Redis claims to be fresh: true at some moment since it was asked for, which its age tells, since whoever asks
   * for what is being asked for already shares the answer. What comes from a cache is V2's matter.
   */
  #takeRead(call: Call, read: ReadAnswer, to: Millis): number | null {
    if (read.source !== "redis" || read.stale || read.age_ms < 0) return null;
    const { from } = call;
    const since = Math.min(from, Math.max(from, to - this.#lateness(call, from, to)) - read.age_ms);
    const content = read.node;
    if (content === null) {
      const number = this.#add(call, anyEra, from, to, since);
      this.placed.maySeeAll(number, this.#course.absent);
      return number;
    }
    const { version } = content;
    const epoch = this.epochOf(version);
    if (this.#isFalse(version, epoch, since, to)) return this.#add(call, anyEra, from, to, since);
    if (epoch === null) {
      this.#unjudged += 1;
      return null;
    }
    const position = positionIn(epoch, version);
    const number = this.#add(call, anyEra, from, to, since);
    if (version.sequence > epoch.last) {
      this.#unjudged += 1;
      this.placed.maySee(number, position, Number.MAX_SAFE_INTEGER);
      return number;
    }
    const range = this.#course.rangeShowing(content, position);
    if (range !== null) this.placed.maySee(number, range.first, range.last);
    return number;
  }

  /** How much later than the answer its end may have been taken down. */
  #lateness({ instance }: Call, from: Millis, to: Millis): Millis {
    return this.#stalls.within(from, to, instance) + timerGrain;
  }
}
