/** The calls of one node, each at the positions that its reply allows. */
import type { Call, Millis } from "../history.ts";
import type { ObservedChange } from "../observation.ts";
import { type Courses, positionIn } from "./courses.ts";
import type { NodeCourse } from "./node-course.ts";
import type { NodeMoment } from "./node-moment.ts";
import { isOwn, type Saying, sayingOf, wishOf } from "./node-reply.ts";
import type { JudgedCall } from "./node-stories.ts";
import type { Room } from "./order.ts";
import { PlacedCalls } from "./placed-calls.ts";
import { inTimeOrder } from "./time-order.ts";

/** Of a call that any server may have answered. */
export const anyEra = -1;

/** In place of a step: further than anybody saw. */
const beyond = -2;

export class NodeCalls {
  /** In the order in which they were taken; what could not be judged is not among them. */
  readonly calls: Call[] = [];
  readonly placed: PlacedCalls;
  /** Which servers' doing each may have been: one, or `anyEra`; empty where there was one server all the time. */
  readonly eras: number[] = [];
  #unanswered = 0;
  #unjudged = 0;
  readonly #courses: Courses;
  readonly #course: NodeCourse;

  readonly #made: Float64Array;
  /** When those that were not answered came back nevertheless. */
  readonly #givenUp = new Map<number, Millis>();

  /** @param most how many are taken at most */
  constructor(courses: Courses, node: string, most: number) {
    this.placed = new PlacedCalls(most);
    this.#made = new Float64Array(most);
    this.#courses = courses;
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

  /**
   * Passes over what says nothing that could be judged, and did nothing.
   * @param lost how many of its requests to the store were not answered: each of them may still take effect
   * @param late how much later than the answer its end may have been taken down, ms
   */
  take(call: Call, lost: number, late: Millis): void {
    const { outcome, reply, to } = call;
    if (outcome === "info" || to === null || reply.startsWith("threw")) {
      const change = wishOf(call);
      if (change === null) return;
      this.#unanswered += 1;
      this.placed.wishFor(this.#add(call, anyEra, Number.POSITIVE_INFINITY), {
        change,
        times: Math.max(1, lost),
      });
      return;
    }
    if (outcome === "fail") return;
    const number = call.op === "get_node" ? this.#takeRead(call, to, late) : this.#takeReply(call, to);
    const change = number !== null && lost > 0 ? wishOf(call) : null;
    if (number !== null && change !== null) this.placed.wishFor(number, { change, times: lost });
  }

  /** A read that may have been answered by any of several servers is held against what the node ever was, not against an order. */
  of(era: number): readonly number[] {
    const { placed } = this;
    const isOf = (own: number, call: number) =>
      own === anyEra ? placed.to[call] === Number.POSITIVE_INFINITY || !placed.sees(call) : own === era;
    return this.eras.flatMap((own, call) => (isOf(own, call) ? [call] : []));
  }

  /** Of those numbers; null: all. */
  judged(chosen: readonly number[] | null): readonly JudgedCall[] {
    const all = this.calls.map((call, number) => ({ call, to: this.placed.to[number] as number }));
    return chosen === null ? all : chosen.map((number) => all[number] as JudgedCall);
  }

  /** How many were under way with another one. */
  overlapping(room: Room): number {
    const [from, { to }] = [this.#made, this.placed];
    room.make(this.calls.length);
    let count = 0;
    let until = Number.NEGATIVE_INFINITY;
    let isAlone = true;
    for (const index of inTimeOrder(from, this.calls.length, room.byCall)) {
      const overlaps = (from[index] as number) <= until;
      if (overlaps) count += isAlone ? 2 : 1;
      isAlone = !overlaps;
      until = Math.max(until, this.#givenUp.get(index) ?? (to[index] as number));
    }
    return count;
  }

  /** @param from when it may have taken effect, to the earliest, where it is not when it was made */
  #add(call: Call, era: number, to: Millis, from: Millis = call.from): number {
    const number = this.placed.add(from, to);
    this.#made[number] = call.from;
    if (to === Number.POSITIVE_INFINITY && call.to !== null) this.#givenUp.set(number, call.to);
    this.calls.push(call);
    if (this.#courses.hasSeveralEras) this.eras.push(era);
    return number;
  }

  #takeReply(call: Call, to: Millis): number | null {
    const saying = sayingOf(call);
    if (saying === null) return null;
    const { version } = call;
    if (version === undefined) return this.#takeAnywhere(call, saying, to);
    const epoch = this.#courses.epochOf(version);
    if (epoch === null) return null;
    const position = positionIn(epoch, version);
    const number = this.#add(call, epoch.era, to);
    // Steps begin at changes, so it is one step that the change belongs to and the state after it.
    const step = version.sequence > epoch.last ? beyond : this.#course.stepAt(position);
    const isUnseen = step === beyond || this.#course.held(step) === "unseen";
    const { makes, sees } = saying;
    const mayMake = makes !== null && this.#mayMake(call, makes, step, position);
    // Of the call that made a change the change tells all that its reply does.
    const isTold =
      mayMake && step !== beyond && this.#course.from(step) === position && this.#course.entry(step) !== null;
    if (isUnseen && !isTold) this.#unjudged += 1;
    if (mayMake) this.placed.mayHaveMade(number, position);
    // Whoever made a change has seen what it made.
    const maySee = sees !== null && (mayMake || isUnseen || sees(call, this.#momentAt(step)));
    if (maySee) this.placed.maySee(number, position + 1, position + 1);
    return number;
  }

  /** Only `finished` of a dispatch comes without a version. */
  #takeAnywhere(call: Call, { sees }: Saying, to: Millis): number | null {
    if (sees === null) return null;
    const number = this.#add(call, anyEra, to);
    const ranges = this.#course.rangesWhere((moment) => moment !== "unseen" && sees(call, moment));
    this.placed.maySeeAll(number, ranges);
    return number;
  }

  #mayMake(call: Call, kind: ObservedChange["kind"], step: number, position: number): boolean {
    const course = this.#course;
    const entry = step === beyond ? null : course.entry(step);
    if (entry === null || course.from(step) !== position) {
      return step === beyond || (course.held(step) === "unseen" && entry === null);
    }
    let before = step - 1;
    while (before >= 0 && course.from(before) >= position) before -= 1;
    return isOwn(call, kind, entry.change, course.held(before));
  }

  #momentAt(step: number): NodeMoment | "absent" {
    const moment = this.#course.moment(step);
    return moment === "unseen" ? "absent" : moment;
  }

  /**
   * Only an answer that came from Redis claims to be fresh: true at some moment since it was asked for, which its age tells, since whoever asks
   * for what is being asked for already shares the answer. What comes from a cache is V2's matter.
   */
  #takeRead(call: Call, to: Millis, late: Millis): number | null {
    const { from, read } = call;
    if (read === undefined || read.source !== "redis" || read.stale || read.age_ms < 0) return null;
    const since = Math.min(from, Math.max(from, to - late) - read.age_ms);
    const content = read.node;
    if (content === null) {
      const number = this.#add(call, anyEra, to, since);
      this.placed.maySeeAll(number, this.#course.absent);
      return number;
    }
    const epoch = this.#courses.epochOf(content.version);
    if (epoch === null) return null;
    const position = positionIn(epoch, content.version);
    const number = this.#add(call, anyEra, to, since);
    if (content.version.sequence > epoch.last) {
      this.#unjudged += 1;
      this.placed.maySee(number, position, Number.MAX_SAFE_INTEGER);
      return number;
    }
    const range = this.#course.rangeShowing(content, position);
    if (range !== null) this.placed.maySee(number, range.first, range.last);
    return number;
  }
}
