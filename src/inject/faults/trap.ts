/** What chooses single calls and messages on a hop, and what is done to them. */

/** What a hop does to the call that a trap chose, or to its reply. */
export type Effect =
  /** Redis runs it, its reply is withheld; then the connection is cut, or stays silent until the trap is taken away. */
  | { readonly kind: "lose_reply"; readonly connection: "cut" | "silent" }
  /** It, and what follows on the connection, goes to Redis only after so many ms. */
  | { readonly kind: "delay"; readonly by: number }
  /** The connection is cut; Redis is given it when the trap is taken away. */
  | { readonly kind: "hold" }
  /** Redis is given it twice; the second reply is nobody's. */
  | { readonly kind: "repeat" };

export interface Trap {
  readonly effect: Effect;
  /** Whether this call is the one; asked once for each call, in order. */
  readonly matches: (request: readonly string[]) => boolean;
  /** The call has been met: for a lost reply when Redis has run it. `reply` is empty where it is not known yet. */
  readonly sprung: (request: readonly string[], reply: readonly string[]) => void;
}

/** What a call goes on as. Asked once for each call that goes to Redis, in order. */
export type Stamp = (raw: Buffer, request: readonly string[]) => Buffer;

/** Drops single messages of the feed. @returns whether this one is dropped; asked once for each message, in order */
export type Sieve = (message: readonly string[]) => boolean;

/** What goes through: calls with one reply each, or the messages of channels. */
export type Traffic = "calls" | "messages";
