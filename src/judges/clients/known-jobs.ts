/**
 * The clients' knowledge of the jobs of one node: which certainly have a place, which may have one, and which were
 * certainly finished. A reserve without an answer may give a place at any later moment, and a complete or release
 * without one may take it.
 */
import type { Millis } from "../../check/history.ts";
import type { Terms } from "../../check/judgement.ts";
import type { Answered, KnownNode } from "./known-node.ts";

export interface KnownJob {
  /** Reserves and dispatches of it that were called. */
  asked: number;
  /** Completes of it that were called. */
  completes: number;
  /** Those of the first that may still give it a place, and completes and releases that may still take it. */
  givers: number;
  takers: number;
  /** Completes and releases of it that were called. */
  takings: number;
  /** When the last complete or release was called or answered. */
  takenAt: Millis;
  /** When the last call that may have given it a place was called or answered. */
  givenAt: Millis;
  /** The earliest call that may have given it the place that it has, and the shortest lease that one asked for. */
  askedAt: Millis;
  lease: Millis;
  /** The longest lease that one of them asked for, and when a heartbeat that names it was last answered. */
  longest: Millis;
  namedAt: Millis;
  /** Until when it had its place without a heartbeat, at the most. */
  firstUntil: Millis;
  /** From when until when it certainly has a place; null: it may have none. */
  held: { readonly since: Millis; until: Millis } | null;
  /** How many completes of the node were called before the first of it; null: none of it was. */
  order: number | null;
  /** The place that it certainly had as the one complete or release in flight was called: one that did not happen has left it. */
  spared: { readonly since: Millis; until: Millis } | null;
  /** When the first complete of a certain place was called, and until when the place would have lasted; null: a release may have taken it. */
  ending: { readonly from: Millis; readonly until: Millis } | null;
  /** It was certainly finished, not before the one and by the other; null: it may not have been. */
  finished: { readonly from: Millis; readonly to: Millis } | null;
}

export class KnownJobs {
  readonly #node: KnownNode;
  readonly #terms: Terms;
  readonly #jobs = new Map<string, KnownJob>();
  /** Those that may have a place. */
  readonly #possible = new Set<string>();
  readonly #held = new Set<string>();
  /** Those whose places have certainly ended with their leases, and to which no call may have given others. */
  readonly #lapsed = new Set<string>();
  /** Finished ones to which a reserve without an answer may give a place again, once they are forgotten. */
  readonly #finishedBefore = new Set<string>();
  /** How many came to be possible, and how many may have been finished, so far. */
  #came = 0;
  #finished = 0;
  /** When jobs ceased to be possible, in order. */
  readonly #left: Millis[] = [];

  constructor(node: KnownNode, terms: Terms) {
    this.#node = node;
    this.#terms = terms;
  }

  /** The most jobs that may have a place now. */
  get possible(): number {
    return this.#possible.size;
  }

  /** Completes of any of them that were called. */
  get completes(): number {
    return this.#finished;
  }

  /** How many have lost their places with their leases, as far as the system ends them in time. */
  get lapsed(): number {
    return this.#lapsed.size;
  }

  hasLapsed(job: string): boolean {
    return this.#lapsed.has(job);
  }

  get came(): number {
    return this.#came;
  }

  of(job: string): KnownJob {
    const known = this.#jobs.get(job);
    if (known !== undefined) return known;
    const never = Number.NEGATIVE_INFINITY;
    const made: KnownJob = {
      ...{
        asked: 0,
        completes: 0,
        givers: 0,
        takers: 0,
        takings: 0,
        takenAt: never,
        givenAt: never,
        askedAt: Number.POSITIVE_INFINITY,
      },
      ...{
        lease: Number.POSITIVE_INFINITY,
        longest: never,
        namedAt: never,
        firstUntil: Number.POSITIVE_INFINITY,
        held: null,
        order: null,
        spared: null,
        ending: null,
        finished: null,
      },
    };
    this.#jobs.set(job, made);
    return made;
  }

  mayHold(job: string): boolean {
    return this.#possible.has(job);
  }

  /** A reserve was called, or a dispatch was answered that placed it here. */
  askedFor(job: string, from: Millis, lease: Millis): KnownJob {
    const known = this.of(job);
    known.asked += 1;
    known.givers += 1;
    known.askedAt = Math.min(known.askedAt, from);
    known.givenAt = Math.max(known.givenAt, from);
    known.lease = Math.min(known.lease, lease);
    known.longest = Math.max(known.longest, lease);
    if (!this.#possible.has(job)) this.#came += 1;
    this.#possible.add(job);
    this.#lapsed.delete(job);
    return known;
  }

  /** A complete or release was called. */
  takingOf(job: string, at: Millis, isComplete: boolean): KnownJob {
    const known = this.of(job);
    const until = known.takers === 0 ? this.heldUntil(job, at) : Number.NEGATIVE_INFINITY;
    known.spared = known.takers === 0 ? known.held : null;
    known.takers += 1;
    known.takings += 1;
    known.takenAt = at;
    if (until > at) known.ending = { from: at, until };
    if (!isComplete) known.ending = null;
    if (isComplete) {
      known.completes += 1;
      known.order ??= this.#finished;
      this.#finished += 1;
    }
    this.#drop(job, known);
    return known;
  }

  /** Whether it certainly had a place from `from` to `to`. */
  isHeld(job: string, from: Millis, to: Millis): boolean {
    return this.heldUntil(job, from) > to;
  }

  /** Until when a job certainly has its place that it has had since before `at`; minus infinity: it may have none. */
  heldUntil(job: string, at: Millis): Millis {
    const { held } = this.of(job);
    return held === null || held.since >= at ? Number.NEGATIVE_INFINITY : Math.min(held.until, this.#node.onlineUntil);
  }

  /** Whether the node has to know from `from` to `to` that the job was finished. */
  isFinished(job: string, from: Millis, to: Millis): boolean {
    const { finished, order } = this.of(job);
    if (finished === null || order === null || finished.to >= from) return false;
    return this.#remembers(order, finished.from, to);
  }

  /**
   * Whether a complete from `from` to `to` has to find the job in its place or among the finished ones: its place was certain as another complete of it was
   * called, and nothing else may have ended it.
   */
  isEndedByComplete(job: string, from: Millis, to: Millis): boolean {
    const { ending, order } = this.of(job);
    if (ending === null || ending.from >= from || ending.until <= to || order === null) return false;
    return this.#node.isQuietSince(ending.from) && this.#remembers(order, ending.from, to);
  }

  /** Whether a job is among the finished ones at `to` whose first complete was called as the node's `order`-th, at `from`. */
  #remembers(order: number, from: Millis, to: Millis): boolean {
    const { doneFor = Number.POSITIVE_INFINITY, doneMax = Number.POSITIVE_INFINITY } = this.#terms;
    return to - from < doneFor && this.#finished - order <= doneMax;
  }

  /** A call was acknowledged that gave the job a place, or found that it has one. @param until its lease lasts at least so long */
  placed(job: string, { from, reply, to }: Answered, until: Millis): void {
    const known = this.of(job);
    const isCertain = known.takers === 0 && known.takenAt < from && this.#node.isQuietSince(from);
    known.finished = null;
    if (reply === "reserved") known.order = known.ending = null;
    if (!isCertain) return;
    known.firstUntil = to + known.longest;
    known.held = { since: to, until: Math.max(until, known.held?.until ?? Number.NEGATIVE_INFINITY) };
    this.#held.add(job);
  }

  /** A heartbeat was acknowledged that named the job. */
  renewed(job: string, from: Millis, to: Millis): void {
    const known = this.#jobs.get(job);
    if (known === undefined || !this.isHeld(job, from, to) || known.held === null) return;
    known.held.until = Math.max(known.held.until, from + (this.#terms.lease ?? 0));
  }

  /** A heartbeat that names the job was answered, whatever the answer. */
  named(job: string, to: Millis): void {
    const known = this.#jobs.get(job);
    if (known !== undefined) known.namedAt = to;
  }

  /** Those whose lease has certainly been over for so long that a sweep has taken their places. @param doneBy when a sweep has certainly found what was due */
  lapse(now: Millis, doneBy: (due: Millis) => Millis): void {
    if (this.#node.mayBeRenewed) return;
    for (const job of this.#possible) {
      const due = this.dueAt(job);
      if (due >= now || doneBy(due) >= now) continue;
      this.#leave(job, this.of(job), now);
      this.#lapsed.add(job);
    }
  }

  /** When its lease was over at the latest; infinity: it may be longer, or be renewed yet. */
  dueAt(job: string): Millis {
    const { givenAt, givers, longest, namedAt } = this.of(job);
    if (givers > 0 || this.#node.mayBeRenewed) return Number.POSITIVE_INFINITY;
    return Math.max(givenAt + longest, namedAt + (this.#terms.lease ?? Number.POSITIVE_INFINITY));
  }

  /** A complete or release certainly did not happen. */
  spare(job: string, { from }: Answered): void {
    const known = this.of(job);
    if (known.takers > 0 || known.spared === null || !this.#node.isQuietSince(from)) return;
    known.held = known.spared;
    this.#held.add(job);
  }

  /** A complete or release was answered that found no place. */
  missed(job: string, { from, to }: Answered): void {
    const known = this.of(job);
    if (known.givers > 0 || known.givenAt >= from) return;
    this.#lapsed.delete(job);
    this.#leave(job, known, to);
  }

  /** A complete or release was acknowledged as having taken the place. */
  taken(job: string, { from, to }: Answered, isComplete: boolean): void {
    const known = this.of(job);
    this.#lapsed.delete(job);
    if (isComplete) known.finished = { from, to };
    else if (known.givers > 0 || known.givenAt >= from) return; // another reserve may have given it a place again
    if (known.givers > 0) this.#finishedBefore.add(job); // another reserve has to be answered that it is finished
    this.#leave(job, known, to);
  }

  /** A reserve was answered that has not given the job a place, and no other may have. */
  refused(job: string, to: Millis): void {
    const known = this.of(job);
    if (known.givers === 0) this.#leave(job, known, to);
  }

  /** How many finished jobs may have a place again from `from` to `to`, since the node may have forgotten that they were finished. */
  forgottenDuring(from: Millis, to: Millis): number {
    let count = 0;
    for (const job of this.#finishedBefore) if (!this.isFinished(job, from, to)) count += 1;
    return count;
  }

  /** The jobs that may have had a place at some moment since, besides those that may have one now. */
  leftSince(at: Millis): number {
    let count = 0;
    while (count < this.#left.length && (this.#left.at(-1 - count) ?? at) >= at) count += 1;
    return count;
  }

  /** How many jobs certainly had a place from `from` to `to`. */
  heldBetween(from: Millis, to: Millis): number {
    return [...this.#held].filter((job) => this.isHeld(job, from, to)).length;
  }

  /** The jobs that certainly have places at `at`. */
  heldAt(at: Millis): readonly string[] {
    return [...this.#held].filter((job) => this.isHeld(job, Number.POSITIVE_INFINITY, at));
  }

  /** Its node may have lost its jobs. */
  mayBeLost(): void {
    for (const job of this.#held) this.#drop(job, this.of(job));
  }

  /** Its node has lost its jobs, not before `from`: those that were given before, and by no call in flight, have no place any longer. */
  lostBefore(from: Millis, to: Millis): void {
    this.mayBeLost();
    this.#lapsed.clear();
    for (const job of this.#possible) {
      const known = this.of(job);
      if (known.givers === 0 && known.givenAt < from) this.#leave(job, known, to);
    }
  }

  /** A fault may have changed what the store holds: any job that ever had a place may have it again. */
  forget(): void {
    this.mayBeLost();
    this.#finishedBefore.clear();
    for (const [job, known] of this.#jobs) {
      known.finished = null;
      known.longest = Number.POSITIVE_INFINITY;
      if (known.asked === 0 || this.#possible.has(job)) continue;
      this.#possible.add(job);
      this.#came += 1;
    }
    this.#lapsed.clear();
  }

  #leave(job: string, known: KnownJob, at: Millis): void {
    known.askedAt = Number.POSITIVE_INFINITY;
    known.lease = Number.POSITIVE_INFINITY;
    known.longest = Number.NEGATIVE_INFINITY;
    if (this.#possible.delete(job)) this.#left.push(at);
  }

  #drop(job: string, known: KnownJob): void {
    known.held = null;
    this.#held.delete(job);
  }
}
