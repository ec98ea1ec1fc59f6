/**
 * Monotone milliseconds, for the program itself.
 *
 * The clock is bound at the start: during a simulated run a guard replaces the global one, and code outside that run still needs the time.
 */
export const now: () => number = performance.now.bind(performance);
