/** Time: everything is counted in milliseconds. */

/** Milliseconds since 1970 where it is an instant of the store; the origin of an instance's own clock is its own business. */
export type Instant = number;
/** Milliseconds, with fractions: a duration, or a moment on the clock of a run. */
export type Millis = number;
