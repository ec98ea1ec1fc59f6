/**
 * Monotone milliseconds, for the program itself.
 *
 * Bound as it starts: while a run is simulated, a trap stands in the place of the global clock, and what goes on beside that run may look at the time.
 */
export const now: () => number = performance.now.bind(performance);
