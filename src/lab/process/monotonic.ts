/** The machine's monotonic clock, which all processes share, so that their recorded times can be compared. */

/** Reads of both clocks; the quickest pair gives the best estimate of their difference. */
const tries = 16;

/** To be added to `performance.now()`, which has an origin of its own in each process, for the shared clock. In ms. */
export const sharedClockOffset: number = measured();

/** The time of the shared clock, in ms. */
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
