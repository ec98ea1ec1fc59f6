/** How connections behave by default; the simulator models them with the same values. Times are milliseconds. */
export const connectionDefaults = {
  /** Silence after which a connection with calls in flight is given up. */
  silence: 1_000,
  /** The pause before attempt n (1, 2, …) to connect again: the second half of it is drawn, since many clients lose a server at the same moment. */
  reconnectAfter: (attempt: number, drawn = 1): number =>
    Math.min(20 * 2 ** Math.min(attempt - 1, 4), 200) * (0.5 + drawn / 2),
  /** The interval between two pings of the feed's connection. */
  pingEvery: 250,
} as const;
