/**
 * Replies without a version, placed once all others have said which changes were theirs: each within its own time, by a search over what the node was in that
 * window. One change explains one reply that claims it; the reply that ended first takes the first that it can.
 */
import type { Range } from "../../check/linear/run/placed-calls.ts";
import type { EpochLine, LineEntry, Truth } from "../truth.ts";
import { anyServer, type NodeCalls, type Unversioned } from "./node-calls.ts";
import { positionOf, statesBetween } from "./positions.ts";
import type { FinishedJobs } from "./replies/finished-jobs.ts";
import { NodeMoment } from "./replies/moment.ts";
import { isOwn } from "./replies/replies.ts";

interface Known {
  readonly truth: Truth;
  readonly finishedJobs: FinishedJobs;
  readonly partitionOf: (node: string) => number | undefined;
}

interface Made {
  readonly line: EpochLine;
  readonly entry: LineEntry;
}

interface Seen {
  readonly ranges: readonly Range[];
  /** Some of what the node may have been is not known. */
  readonly isOpen: boolean;
}

export class UnversionedReplies {
  readonly #known: Known;
  readonly #node: string;
  readonly #calls: NodeCalls;
  /** Positions of changes that some call claims to have made. */
  readonly #claimed = new Set<number>();
  /** Numbers of those that may have made a change without saying so. */
  readonly mayHaveChanged: number[] = [];

  constructor(node: string, calls: NodeCalls, known: Known) {
    this.#known = known;
    this.#node = node;
    this.#calls = calls;
    const { placed } = calls;
    for (let call = 0; call < placed.size; call += 1) {
      const made = placed.madeBy(call);
      if (made >= 0 && !placed.sees(call)) this.#claimed.add(made);
    }
  }

  settle(): void {
    for (const one of this.#calls.unversioned.sort((a, b) => a.to - b.to)) this.#place(one);
  }

  #place(one: Unversioned): void {
    const { call, claim, to } = one;
    const made = this.#madeBy(one);
    const seen = this.#seenBy(one);
    const { placed } = this.#calls;
    // If the call may have changed nothing, it is not known which change was its own.
    const isMaker = made !== null && seen.ranges.length === 0;
    if (!isMaker && seen.ranges.length === 0 && (seen.isOpen || this.#mayBeHidden(one))) {
      this.#calls.leaveUnseen();
      return;
    }
    const number = this.#calls.add(call, { since: call.from, to }, isMaker ? made.line.server : anyServer);
    if (isMaker) {
      const position = positionOf(made.line, made.entry.sequence);
      this.#claimed.add(position);
      placed.mayHaveMade(number, position);
    } else if (claim.makes !== null && seen.ranges.length > 0) this.mayHaveChanged.push(number);
    placed.maySeeAll(number, seen.ranges);
  }

  /** A change is seen no sooner than it is made, and little later. */
  #madeBy({ call, claim: { makes }, lines, to }: Unversioned): Made | null {
    if (makes === null) return null;
    for (const line of lines) {
      for (const entry of [...line.since(this.#node, call.from)].reverse()) {
        if (entry.since > to) break;
        const isFree = !this.#claimed.has(positionOf(line, entry.sequence));
        if (isFree && isOwn(call, makes, entry)) return { line, entry };
      }
    }
    return null;
  }

  /** Returns the states of the node while the call was in flight that explain the reply. */
  #seenBy({ call, claim: { sees }, lines, to }: Unversioned): Seen {
    const ranges: Range[] = [];
    let isOpen = false;
    if (sees === null) return { ranges, isOpen };
    for (const { line, range, sequence } of statesBetween(this.#known.truth, lines, this.#node, {
      since: call.from,
      until: to,
    })) {
      const moment = new NodeMoment(line, this.#node, sequence, this.#known.finishedJobs);
      if (!moment.isKnown) isOpen = true;
      else if (sees(call, moment)) ranges.push(range);
    }
    return { ranges: ranges.sort((a, b) => a.first - b.first), isOpen };
  }

  #mayBeHidden({ call, to }: Unversioned): boolean {
    const { partitionOf, truth } = this.#known;
    return truth.mayHide(partitionOf(this.#node) ?? null, call.from, to);
  }
}
