/** Where the changes of epochs lie one after the other (src/check/linear/run/placed-calls.ts): change `n` at 2n of its epoch, the state after it at 2n + 1. */
import type { Millis } from "../../check/history.ts";
import type { Range } from "../../check/linear/run/placed-calls.ts";
import type { EpochLine, Truth } from "../truth.ts";

/** More than any sequence: so positions of a later epoch are beyond all of the one before, and stay exact. */
const epochSpan = 2 ** 41;

export function positionOf({ order }: EpochLine, sequence: number): number {
  return order * epochSpan + 2 * sequence;
}

export function lastPositionOf({ order }: EpochLine): number {
  return (order + 1) * epochSpan - 1;
}

/** A state of a node that lasted from one change to the next. */
export interface Lasting {
  readonly line: EpochLine;
  /** A sequence at which the answer was true. */
  readonly sequence: number;
  readonly range: Range;
}

/** When the server of an epoch had gone on to another one, at the latest; infinity: it is in it still. */
export function endOf(truth: Pick<Truth, "of">, line: EpochLine): Millis {
  const lines = truth.of(line.partition);
  for (let order = line.order + 1; order < lines.length; order += 1) {
    const next = lines[order];
    if (next?.server === line.server) return next.begunAt;
  }
  return Number.POSITIVE_INFINITY;
}

/** Yields the states that a node may have been in from `since` to `until`, by these epochs. */
export function* statesBetween(
  truth: Pick<Truth, "of">,
  lines: readonly EpochLine[],
  node: string,
  { since, until }: { readonly since: Millis; readonly until: Millis },
): Generator<Lasting> {
  for (const line of lines) {
    if (line.begunSince > until || endOf(truth, line) < since) continue;
    let [next, last] = [line.last + 1, lastPositionOf(line)];
    for (const entry of line.since(node, since)) {
      const { sequence } = entry;
      const change = positionOf(line, sequence);
      if (entry.since <= until) yield { line, sequence, range: { first: change + 1, last } };
      [next, last] = [sequence, change - 1];
    }
    yield { line, sequence: next - 1, range: { first: positionOf(line, 0) + 1, last } };
  }
}
