/** The calls of one node, each at the positions that its reply allows. */
import type { Call, Millis, Version } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import { PlacedCalls } from "../../check/linear/run/placed-calls.ts";
import type { Room } from "../../check/linear/search/order.ts";
import { inTimeOrder } from "../../check/linear/search/time-order.ts";
import { chunksOf } from "../jobs/chunks.ts";
import type { Timing } from "../timing.ts";
import type { EpochLine, Truth } from "../truth.ts";
import type { JudgedCall } from "./messages.ts";
import { endOf, positionOf } from "./positions.ts";
import { missingBetween, shownBetween } from "./reads.ts";
import type { FinishedJobs } from "./replies/finished-jobs.ts";
import { NodeMoment } from "./replies/moment.ts";
import { changeAskedFor, claimOf, isDenied, isOwn, type ReplyClaim } from "./replies/replies.ts";
import type { Effect } from "./requests/joined-dispatches.ts";

/** The server of a call that any server may have answered. */
export const anyServer = -1;

/** The context that all nodes of a run share. */
export interface Known {
  readonly truth: Truth;
  readonly timing: Pick<Timing, "grain" | "kept">;
  readonly finishedJobs: FinishedJobs;
  /** undefined: no change of the node has been seen. */
  readonly partitionOf: (node: string) => number | undefined;
  readonly partitions: number;
}

/** A reply without a version, which a system may give. */
export interface Unversioned {
  readonly call: Call;
  readonly claim: ReplyClaim;
  readonly to: Millis;
  /** The epochs in which it may have been answered. */
  readonly lines: readonly EpochLine[];
}

/** A contradiction of a reply to something other than the order of its node's calls. */
export interface Contradiction {
  readonly call: Call;
  readonly why: string;
}

/** Since when a call may have taken effect: one that joins another in flight has its answer. */
interface Taken extends Effect {
  readonly call: Call;
  readonly to: Millis;
}

export class NodeCalls {
  /** In the order in which they were taken; what could not be judged is not among them. */
  readonly calls: Call[] = [];
  readonly placed = new PlacedCalls();
  /** The server that each may have been answered by: one, or `anyServer`. */
  readonly servers: number[] = [];
  readonly unversioned: Unversioned[] = [];
  readonly contradictions: Contradiction[] = [];
  readonly #node: string;
  readonly #known: Known;
  /** When those that were not answered came back nevertheless. */
  readonly #givenUp = new Map<number, Millis>();
  #unanswered = 0;
  #unseen = 0;

  constructor(node: string, known: Known) {
    this.#node = node;
    this.#known = known;
  }

  get unanswered(): number {
    return this.#unanswered;
  }

  get answered(): number {
    return this.calls.length - this.#unanswered;
  }

  /** Those that were answered at a version at which it was not seen what the node was. */
  get unseen(): number {
    return this.#unseen;
  }

  /**
   * Passes over what claims nothing that could be judged, and did nothing.
   */
  take(call: Call, effect: Effect): void {
    const { outcome, reply, to } = call;
    if (isDenied(call)) return;
    if (outcome !== "ok" || to === null || reply.startsWith("threw")) {
      if (changeAskedFor(call) !== null) this.leaveOpen(call);
    } else if (call.op === "get_node") this.#takeRead(call, to);
    else this.#takeReply({ call, to, ...effect });
  }

  /** It may have made a change at any time after it was made, or never. */
  leaveOpen(call: Call): void {
    this.#unanswered += 1;
    const number = this.add(call, { since: call.from, to: Number.POSITIVE_INFINITY });
    if (call.to !== null) this.#givenUp.set(number, call.to);
  }

  /** @returns its number */
  add(call: Call, { since, to }: Pick<Taken, "since" | "to">, server = anyServer): number {
    this.calls.push(call);
    this.servers.push(server);
    return this.placed.add(since, to, call.from);
  }

  leaveUnseen(): void {
    this.#unseen += 1;
  }

  /** Those that a server may have answered. What is about any of several is held against what the node ever was, not against an order. */
  of(server: number): readonly number[] {
    const { placed } = this;
    const isOf = (own: number, call: number): boolean =>
      own === anyServer ? placed.to(call) === Number.POSITIVE_INFINITY || !placed.sees(call) : own === server;
    return this.servers.flatMap((own, call) => (isOf(own, call) ? [call] : []));
  }

  /** Those of these numbers; null: all. */
  judged(chosen: readonly number[] | null): readonly JudgedCall[] {
    const all = this.calls.map((call, number) => ({ call, to: this.placed.to(number) }));
    return chosen === null ? all : chosen.flatMap((number) => all[number] ?? []);
  }

  /** How many of those that were answered were in flight with another one. */
  overlapping(room: Room): number {
    const { size } = this.placed;
    room.make(size);
    const { from, to } = room;
    this.placed.copyTimes("sent", from, to);
    const isAnswered = (index: number): boolean => to[index] !== Number.POSITIVE_INFINITY;
    let count = 0;
    let until = Number.NEGATIVE_INFINITY;
    /** The one before, where it overlaps none so far. */
    let alone: number | null = null;
    for (const index of inTimeOrder(from, size, room.byCall)) {
      const overlaps = (from[index] as number) <= until;
      if (overlaps && alone !== null && isAnswered(alone)) count += 1;
      if (overlaps && isAnswered(index)) count += 1;
      alone = overlaps ? null : index;
      until = Math.max(until, isAnswered(index) ? (to[index] as number) : (this.#givenUp.get(index) ?? Infinity));
    }
    return count;
  }

  #takeReply(taken: Taken): void {
    const { call, to } = taken;
    const claim = claimOf(call);
    if (claim === null) return;
    const { version } = call;
    if (version === undefined) {
      this.unversioned.push({ call, claim, to, lines: this.#answering(call) });
      return;
    }
    const line = this.#lineOf(version, taken);
    if (line === null) return;
    const { sequence } = version;
    const position = positionOf(line, sequence);
    const number = this.add(call, taken, line.server);
    this.#holdToTime(taken, line, sequence);
    const entry = line.entry(sequence);
    const moment = this.#momentAt(line, sequence);
    const isUnseen = sequence > line.last || !moment.isKnown;
    const { makes, sees } = claim;
    const mayMake = makes !== null && (entry === undefined ? isUnseen && sequence > 0 : isOwn(call, makes, entry));
    // The change itself says all that the reply of its call does.
    if (isUnseen && !(mayMake && entry !== undefined)) this.#unseen += 1;
    if (mayMake) this.placed.mayHaveMade(number, position);
    if (!mayMake && makes !== null && chunksOf(call) > 1) this.#mayHaveMadeBefore(number, taken, line);
    const maySee = mayMake ? taken.isShared || sees !== null : sees !== null && (isUnseen || sees(call, moment));
    if (maySee) this.placed.maySee(number, position + 1, position + 1);
  }

  /** The parts of one heartbeat run one after another, and the reply has the version of the last: an earlier one may have made the change. */
  #mayHaveMadeBefore(number: number, { call, since }: Taken, line: EpochLine): void {
    const { node = "", version } = call;
    for (const entry of line.since(node, since)) {
      if (entry.sequence >= (version?.sequence ?? 0) || !isOwn(call, "health", entry)) continue;
      this.placed.mayHaveMade(number, positionOf(line, entry.sequence));
      return;
    }
  }

  /** null: nothing more can be said of it. */
  #lineOf(version: Version, { call, since, to }: Taken): EpochLine | null {
    const { truth } = this.#known;
    const standing = truth.standing(version, since, to);
    if (standing === "never") {
      this.contradictions.push({ call, why: "the store never had that version" });
      this.add(call, { since, to });
      return null;
    }
    const line = truth.line(version.epoch);
    if (line === undefined) this.#unseen += 1;
    return line ?? null;
  }

  /** The store must not have gone on before the call began. */
  #holdToTime({ call, since }: Taken, line: EpochLine, sequence: number): void {
    const next = line.entry(sequence + 1);
    const end = endOf(this.#known.truth, line);
    const until = Math.min(end, next?.at ?? Number.POSITIVE_INFINITY);
    if (until < since)
      this.contradictions.push({ call, why: `the store had gone on from that version by ${inMs(until)}` });
  }

  /**
   * Only an answer that came from the store claims to be fresh: true at some moment of the call, or before it as far as its age says, since a caller that
   * joins a request in flight shares its answer. V2 judges what comes from a cache, and whether the age is true.
   */
  #takeRead(call: Call, to: Millis): void {
    const { from, instance, read } = call;
    if (read === undefined || read.source !== "redis" || read.stale || read.age_ms < 0) return;
    const { timing, truth } = this.#known;
    const answeredAt = Math.max(from, to - timing.kept(instance, from, to) - timing.grain);
    const since = Math.min(from, answeredAt - read.age_ms);
    const taken = { since, until: to, partition: this.#known.partitionOf(this.#node) };
    if (read.node === null) {
      const ranges = missingBetween(this.#known, this.#node, taken);
      // An epoch may have begun without it, or a change have removed it.
      if (ranges.length === 0 && truth.mayHide(taken.partition ?? null, since, to)) {
        this.#unseen += 1;
        return;
      }
      const number = this.add(call, { since, to });
      if (ranges.length === 0) this.contradictions.push({ call, why: `the node was there from ${inMs(since)} on` });
      this.placed.maySeeAll(number, ranges);
      return;
    }
    const { version } = read.node;
    const ranges = shownBetween(this.#known, read.node, taken);
    const standing = ranges.length > 0 ? "held" : truth.standing(version, since, to);
    const line = truth.line(version.epoch);
    const isBeyond = line !== undefined && version.sequence > line.last;
    if (ranges.length === 0 && standing !== "never" && (line === undefined || isBeyond)) {
      this.#unseen += 1;
      return;
    }
    const number = this.add(call, { since, to });
    if (ranges.length === 0) this.contradictions.push({ call, why: `the node was not so from ${inMs(since)} on` });
    this.placed.maySeeAll(number, ranges);
  }

  #answering(call: Call): readonly EpochLine[] {
    const { partitionOf, partitions, truth } = this.#known;
    const partition = partitionOf(this.#node);
    const all = partition === undefined ? Array.from({ length: partitions }, (_, index) => index) : [partition];
    return all.flatMap((one) => truth.answering(call, one));
  }

  #momentAt(line: EpochLine, sequence: number): NodeMoment {
    return new NodeMoment(line, this.#node, sequence, this.#known.finishedJobs);
  }
}
