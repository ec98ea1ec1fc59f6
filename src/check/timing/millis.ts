/** Milliseconds, with fractions: a duration, or a moment on the clock of a run. */
export type Millis = number;
