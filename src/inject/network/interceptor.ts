/** Interceptors and filters choose single calls and messages on a hop, and what is done to them. */
import type { Call } from "./calls.ts";

/** The effect of a hop on the call that an interceptor chose, or on its reply. */
export type Effect =
  /** Redis runs it, its reply is withheld; then the connection is cut, or stays silent until the interceptor is removed. */
  | { readonly kind: "lose_reply"; readonly connection: "cut" | "silent" }
  /** It, and what follows on the connection, goes to Redis only `by` ms later. */
  | { readonly kind: "delay"; readonly by: number }
  /** The connection is cut; the call goes to Redis when the interceptor is removed. */
  | { readonly kind: "hold" }
  /** The call goes to Redis twice; the second reply is dropped. */
  | { readonly kind: "repeat" };

export interface Interceptor {
  readonly effect: Effect;
  /** Whether the interceptor chooses this call. Called once for each call, in order: for a transaction when EXEC comes. */
  readonly matches: (call: Call) => boolean;
  /** Called when the interceptor takes effect: for a lost reply when Redis has run the call. `reply` is empty where it is not known yet. */
  readonly triggered: (call: Call, reply: readonly string[]) => void;
}

/** Returns the call as the hop forwards it. Called once for each call that goes to Redis, in order. */
export type Stamp = (raw: Buffer, request: readonly string[]) => Buffer;

/** Drops single messages that a subscriber gets. Called once for each message, in order. @returns whether this one is dropped */
export type MessageFilter = (message: readonly string[]) => boolean;
