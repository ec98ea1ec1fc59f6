/** Removes draws that need not be listed: whole kinds and streams first, then ever smaller pieces. */
import { edited } from "../plan/plan-edit.ts";
import type { Search } from "./search.ts";
import { takeOut } from "./take-out.ts";

/**
 * Where a failure needs more than the plain draws it seldom needs all that a seed draws. The less is drawn, the less is another draw once an action is
 * taken out: with every latency from the seed one action less makes it another run altogether.
 */
export async function makePlainInPart(search: Search): Promise<void> {
  if (search.best.draws?.length === 0) return;
  const written = await search.written();
  const drawn = () => search.best.draws ?? written.draws;
  const streams = [...new Set(written.draws.map(({ stream }) => stream))];
  const isLatency = (stream: string) => stream.startsWith("latency ");
  const kinds = [isLatency, (stream: string) => !isLatency(stream)];
  for (const isOf of [...kinds, ...streams.map((one) => (stream: string) => stream === one)]) {
    const draws = drawn().filter(({ stream }) => !isOf(stream));
    if (draws.length < drawn().length) await search.tries(edited(search.best, { draws }));
  }
}

export async function shrinkDraws(search: Search): Promise<void> {
  await makePlainInPart(search);
  // One may have been needed only beside another that has gone since.
  for (let before = Number.POSITIVE_INFINITY; countOf(search) < before && !search.isSpent; ) {
    before = countOf(search);
    await takeOut(
      search,
      () => search.best.draws ?? [],
      (draws) => edited(search.best, { draws }),
    );
  }
}

function countOf({ best }: Search): number {
  return best.draws?.length ?? 0;
}
