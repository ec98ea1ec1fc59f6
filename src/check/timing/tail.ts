/** Tails: which share of the values is at least so large. A budget is about the end of a distribution, where a few percentiles tell little. */

/** In order of the value, so of falling shares. */
export type TailPoint = readonly [value: number, share: number];

/** From one rank to the next that is kept; below 20 every rank is. */
const growth = 1.05;

/** The largest value is always among them, with the share that it alone is; of no values there is none. */
export function tailOf(values: Iterable<number>): readonly TailPoint[] {
  const sorted = [...values].sort((a, b) => b - a);
  const points: TailPoint[] = [];
  for (let rank = 1; rank <= sorted.length; rank = nextRank(rank, sorted.length)) {
    points.push([sorted[rank - 1] ?? Number.NaN, rank / sorted.length]);
  }
  return points.reverse();
}

/** The last rank is never passed over: it says where the distribution begins. */
function nextRank(rank: number, last: number): number {
  const next = Math.max(rank + 1, Math.floor(rank * growth));
  return rank < last ? Math.min(next, last) : next;
}
