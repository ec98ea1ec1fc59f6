/** The rank of a candidate, as documented (docs/instance.md): its health, less the share of its places that is taken. */

export interface Candidate {
  readonly node: string;
  /** The position of its pool among those that are searched, from 0. */
  readonly place: number;
  readonly healthMilli: number;
  /** By the view. */
  readonly jobs: number;
  /** Places that the instance asked for and its view does not show. */
  readonly own: number;
  /** At least 1. */
  readonly maxJobs: number;
}

/** In thousandths. One division of whole numbers, so that equals are equal. */
export function rankOf({ healthMilli, jobs, maxJobs, own }: Candidate): number {
  return (healthMilli * maxJobs - 1_000 * (jobs + own)) / maxJobs;
}

export function candidateText(one: Candidate): string {
  const { healthMilli, jobs, maxJobs, node, own, place } = one;
  return `${node} (rank ${rankOf(one) / 1_000}: health ${healthMilli / 1_000}, ${jobs} jobs and ${own} of its own of ${maxJobs}; pool ${place + 1} of those to be searched)`;
}

/** How likely `chosen` is to be the better of two that are drawn evenly, of two equals either. */
export function chanceOf(
  chosen: Candidate,
  candidates: readonly Candidate[],
  rank: (one: Candidate) => number = rankOf,
): number {
  const count = candidates.length;
  if (count < 2) return 1;
  const own = rank(chosen);
  let halves = 0;
  for (const other of candidates) {
    const its = other === chosen ? Number.POSITIVE_INFINITY : rank(other);
    halves += its < own ? 2 : its === own ? 1 : 0;
  }
  return halves / (count * (count - 1));
}
