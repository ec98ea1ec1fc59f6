/** The machine's monotonic clock, which all its processes share: what two of them took down by it can be compared. */

/** Reads of both clocks, of which the quickest says best how far they are apart. */
const tries = 16;

/** From the clock of this process (`performance.now`), whose origin is its own, to the one that is shared. In ms. */
export const sharedClockOffset: number = measured();

/** Now, by the shared clock, in ms. */
export function sharedNow(): number {
  return performance.now() + sharedClockOffset;
}

function measured(): number {
  let best = { took: Number.POSITIVE_INFINITY, offset: 0 };
  for (let index = 0; index < tries; index += 1) {
    const before = performance.now();
    const shared = Number(process.hrtime.bigint()) / 1e6;
    const after = performance.now();
    const took = after - before;
    if (took < best.took) best = { took, offset: shared - (before + after) / 2 };
  }
  return best.offset;
}
