/** Requests to the thread that holds the connections, and its responses. */

export type Request =
  /** A pipeline on one connection. */
  | { readonly kind: "commands"; readonly url: string; readonly commands: readonly (readonly string[])[] }
  /** Sent on another connection, without waiting for the reply. */
  | { readonly kind: "unanswered"; readonly url: string; readonly command: readonly string[] }
  /** Repeated until the reply matches the pattern. */
  | { readonly kind: "until"; readonly url: string; readonly command: readonly string[]; readonly reply: string }
  /** Copies each key from one server to another that has none of them. */
  | { readonly kind: "copy"; readonly from: string; readonly to: string; readonly keys: readonly string[] }
  | { readonly kind: "end" };

export type Response =
  | { readonly kind: "replies"; readonly replies: readonly unknown[] }
  | { readonly kind: "failed"; readonly reason: string };

export interface ErrorReply {
  readonly error: string;
}

export function isErrorReply(reply: unknown): reply is ErrorReply {
  return typeof reply === "object" && reply !== null && "error" in reply;
}
