/** How much slower this machine computes than the one that the thresholds in milliseconds are for. */

const steps = 20_000_000;
const times = 5;

function fixedWork(): number {
  const since = performance.now();
  let hash = 0x811c9dc5;
  for (let step = 0; step < steps; step += 1) hash = Math.imul(hash ^ (step & 0xff), 0x01000193) >>> 0;
  return hash === 0 ? Number.POSITIVE_INFINITY : performance.now() - since;
}

/** Milliseconds of the fixed work on the machines that the thresholds were set on, at 3.2 GHz. */
const usual = 21.5;

/** At least 1: a quicker machine excuses nothing, and none excuses more than a factor of two. */
export function slowdownOfMachine(): number {
  return Math.min(2, Math.max(1, Math.min(...Array.from({ length: times }, fixedWork)) / usual));
}
