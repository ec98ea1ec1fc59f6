/**
 * Part of D4: an acknowledgement that names no version needs a change of its own that was made while the call was in flight, or that the store was so
 * then. One change explains one reply; the reply that ended first takes the first that it can.
 */
import type { Case } from "../judge.ts";
import type { EpochLine, LineEntry } from "../truth.ts";
import { type Answered, changeOf, isMadeBy, isSo } from "./acknowledgement.ts";

/** A change, in its epoch. */
export interface Made {
  readonly line: EpochLine;
  readonly sequence: number;
}

type Explanation = Made | "state" | "unseen" | null;

export class Unversioned {
  readonly #case: Case;
  readonly #partitionOf: (node: string) => number | undefined;
  readonly #claimed = new Map<EpochLine, Set<number>>();

  /** @param partitionOf undefined: the node has never changed */
  constructor(theCase: Case, partitionOf: (node: string) => number | undefined) {
    this.#case = theCase;
    this.#partitionOf = partitionOf;
  }

  /** A reply names the version of this change. */
  claim({ line, sequence }: Made): void {
    const own = this.#claimed.get(line);
    if (own === undefined) this.#claimed.set(line, new Set([sequence]));
    else own.add(sequence);
  }

  explain(call: Answered): Explanation {
    const { from, node = "", to } = call;
    const { partitions, truth } = this.#case;
    const partition = this.#partitionOf(node);
    const all = partition === undefined ? Array.from({ length: partitions }, (_, index) => index) : [partition];
    const lines = all.flatMap((one) => truth.of(one).filter((line) => this.#isAlive(line, call)));
    for (const line of lines) {
      for (const entry of [...line.since(node, from)].toReversed()) {
        if (entry.since > to || !this.#isFree(line, entry) || !isMadeBy(call, entry)) continue;
        const made = { line, sequence: entry.sequence };
        if (entry.kind !== "completed") this.claim(made);
        return made;
      }
    }
    const isState = changeOf(call) === null || call.op === "complete_job";
    const states = isState
      ? lines.flatMap((line) => [...sequencesIn(line, call)].map((sequence) => isSo(call, line, sequence)))
      : [];
    if (states.includes(true)) return "state";
    const mayBeHidden = states.includes(undefined) || truth.mayHide(partition ?? null, from, to);
    return mayBeHidden ? "unseen" : null;
  }

  /** Whether the call may have been answered in the epoch: it had begun, and either the next had not before the call, or its instance follows it still. */
  #isAlive({ begunSince, epoch, order, partition }: EpochLine, { from, instance, to }: Answered): boolean {
    const { truth } = this.#case;
    if (begunSince > to) return false;
    const next = truth.of(partition)[order + 1];
    if (next === undefined || next.begunAt >= from) return true;
    return truth.followedBy(instance, partition, to)?.epoch === epoch;
  }

  #isFree(line: EpochLine, { kind, sequence }: LineEntry): boolean {
    return kind === "completed" || this.#claimed.get(line)?.has(sequence) !== true;
  }
}

/** The sequences at which the node may have been while the call was in flight. */
function* sequencesIn(line: EpochLine, { from, node = "", to }: Answered): Generator<number> {
  let first = line.last + 1;
  for (const { sequence, since } of line.since(node, from)) {
    if (since <= to) yield sequence;
    first = sequence;
  }
  yield first - 1;
}
