/** The changes of one node, as those who may have asked for them are looked for. */
import type { Entry } from "../../observed/observation.ts";
import type { PlacedChanges } from "../search/order.ts";
import type { NodeCourse } from "./course.ts";
import type { Courses } from "./courses.ts";
import { wantOf } from "./reply.ts";

export class NodeChanges implements PlacedChanges {
  readonly positions: ArrayLike<number>;
  readonly seenAt: ArrayLike<number>;
  readonly #course: NodeCourse;
  /** By partition, the position that a client was told of first: what was changed before was asked for before the history began. */
  readonly #firstTold: ReadonlyMap<number, number>;
  readonly #courses: Courses;
  /** Which step of the course each is; null: all are. */
  readonly #steps: readonly number[] | null;

  constructor(
    courses: Courses,
    course: NodeCourse,
    firstTold: ReadonlyMap<number, number>,
    steps: readonly number[] | null = null,
  ) {
    this.#courses = courses;
    this.#course = course;
    this.#firstTold = firstTold;
    this.#steps = steps;
    const { positions, seenAt } = course;
    this.positions = steps === null ? positions : steps.map((step) => positions[step] as number);
    this.seenAt = steps === null ? seenAt : steps.map((step) => seenAt[step] as number);
  }

  wanted(change: number): string | null {
    const step = this.#stepOf(change);
    const entry = this.#course.entry(step);
    if (entry === null || entry.at < 0) return null;
    const firstTold = this.#firstTold.get(entry.partition) ?? Number.POSITIVE_INFINITY;
    return this.#course.from(step) > firstTold ? wantOf(entry.change, this.#course.held(step - 1)) : null;
  }

  entry(change: number): Entry | undefined {
    return this.#course.entry(this.#stepOf(change)) ?? undefined;
  }

  /** Which servers' doing they are. */
  get eras(): ReadonlySet<number> {
    const eras = new Set<number>();
    for (let step = 0; step < this.#course.size; step += 1) {
      const era = this.#eraOf(step);
      if (era !== null) eras.add(era);
    }
    return eras;
  }

  /** Those of one server. */
  of(era: number): NodeChanges {
    const steps = Array.from({ length: this.#course.size }, (_, step) => step);
    const own = steps.filter((step) => this.#eraOf(step) === era);
    return new NodeChanges(this.#courses, this.#course, this.#firstTold, own);
  }

  #stepOf(change: number): number {
    return this.#steps === null ? change : (this.#steps[change] ?? -1);
  }

  #eraOf(step: number): number | null {
    const entry = this.#course.entry(step);
    return entry === null ? null : (this.#courses.epochOf(entry)?.era ?? null);
  }
}
