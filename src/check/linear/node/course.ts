/** What one node was, from position to position (placed-calls.ts), over all epochs of its partition. */
import type { NodeContent, Version } from "../../history.ts";
import type { Entry } from "../../observed/observation.ts";
import type { Range } from "../run/placed-calls.ts";
import { lastUpTo } from "../run/positions.ts";
import { Runs } from "../search/runs.ts";
import { JobBook, JobPage } from "./job-book.ts";
import type { Held, Moment } from "./moment.ts";

/** When nobody saw a step, since it is no change. */
const noChange = Number.NEGATIVE_INFINITY;

/** In columns: a run has hundreds of thousands of changes, and a heap full of objects costs more than they do. */
export class NodeCourse {
  readonly book = new JobBook();
  /** Where each step begins: it lasts until the next one. Even numbers, in ascending order. */
  readonly positions: number[] = [];
  /** When the observer saw each change, `noChange` for other steps: an epoch began, or the feed was not seen. */
  readonly seenAt: number[] = [];
  readonly #entries: (Entry | null)[] = [];
  readonly #held = new Runs<Held>();
  /** How much further the book's moments had come than the steps: each change is made at the next one. */
  readonly #ahead = new Runs<number>();
  /** How many jobs have a place. */
  readonly #sizes: number[] = [];
  /** Of records that a step found and did not change. */
  readonly #versions = new Map<number, Version>();
  /** What was looked for last. */
  #found = -1;
  #absent: readonly Range[] | null = null;

  /** An epoch began, or the feed was not seen. @param version of the record that it found */
  begin(position: number, held: Held, version: Version | null): void {
    if (version !== null) this.#versions.set(this.size, version);
    this.#push(position, held, noChange, null);
  }

  change(position: number, held: Held, entry: Entry): void {
    this.#push(position, held, entry.at, entry);
  }

  #push(position: number, held: Held, seenAt: number, entry: Entry | null): void {
    this.#ahead.push(this.book.now - this.size);
    this.positions.push(position);
    this.seenAt.push(seenAt);
    this.#entries.push(entry);
    this.#held.push(held);
    this.#sizes.push(this.book.size);
  }

  get size(): number {
    return this.positions.length;
  }

  from(step: number): number {
    return this.positions[step] ?? 0;
  }

  /** What is held after the step; before the first one it was not there. */
  held(step: number): Held {
    return step < 0 || step >= this.size ? "absent" : this.#held.at(step);
  }

  /** What the node was after the step; before the first one it was not there. */
  moment(step: number): Moment {
    const held = this.held(step);
    if (typeof held === "string") return held;
    const { incarnation, max_jobs, status } = held;
    const version = this.#entries[step] ?? (this.#versions.get(step) as Version);
    const jobs = new JobPage(this.book, step + this.#ahead.at(step), this.#sizes[step] as number);
    return { status, incarnation, max_jobs, version, jobs };
  }

  /** null: no change of this node is known to have brought the step about. */
  entry(step: number): Entry | null {
    return this.#entries[step] ?? null;
  }

  /** The last step at or before `position`; -1: none. */
  stepAt(position: number): number {
    this.#found = lastUpTo(this.positions, position, this.#found);
    return this.#found;
  }

  /** All positions, in order, at which the node was as wanted; where it was not seen it may have been. */
  rangesWhere(isWanted: (moment: Moment) => boolean): readonly Range[] {
    const ranges: Range[] = [];
    for (let step = -1; step < this.size; step += 1) {
      const [first, last] = [this.from(step), this.lastOf(step)];
      const moment = this.moment(step);
      if (last >= first && (moment === "unseen" || isWanted(moment))) ranges.push({ first, last });
    }
    return ranges;
  }

  get absent(): readonly Range[] {
    this.#absent ??= this.rangesWhere((moment) => moment === "absent");
    return this.#absent;
  }

  /** The positions from that of `position` on at which the node stayed as shown there, or may have; null: it was not. */
  rangeShowing(content: NodeContent, position: number): Range | null {
    const first = this.stepAt(position);
    if (first < 0) return null;
    let step = first;
    while (step < this.size && this.#shows(step, content, position)) step += 1;
    return step === first ? null : { first: this.from(first), last: this.lastOf(step - 1) };
  }

  /** Without a moment to look at: reads are many. A change is the one of that version where it is at its position. */
  #shows(
    step: number,
    { current_jobs, incarnation, max_jobs, status, version }: NodeContent,
    position: number,
  ): boolean {
    const held = this.held(step);
    if (typeof held === "string") return held === "unseen";
    if (this.seenAt[step] === noChange) {
      const found = this.#versions.get(step);
      if (found?.sequence !== version.sequence || found.epoch !== version.epoch) return false;
    } else if (this.positions[step] !== position) return false;
    const isRecord = held.status === status && held.incarnation === incarnation && held.max_jobs === max_jobs;
    return isRecord && this.#sizes[step] === current_jobs;
  }

  /** The last position of the step. */
  lastOf(step: number): number {
    return (this.positions[step + 1] ?? Number.MAX_SAFE_INTEGER) - 1;
  }
}
