/** What the thread with the connections is asked, and what it says. */

export type Errand =
  /** One after another on one connection, sent together. */
  | { readonly kind: "commands"; readonly url: string; readonly commands: readonly (readonly string[])[] }
  /** Sent on another connection; nobody waits for its answer. */
  | { readonly kind: "unanswered"; readonly url: string; readonly command: readonly string[] }
  /** Again and again until the reply is like this. */
  | { readonly kind: "until"; readonly url: string; readonly command: readonly string[]; readonly reply: string }
  /** Each key as it is, from one server to another that has none of them. */
  | { readonly kind: "copy"; readonly from: string; readonly to: string; readonly keys: readonly string[] }
  | { readonly kind: "end" };

export type Answered =
  | { readonly kind: "replies"; readonly replies: readonly unknown[] }
  | { readonly kind: "failed"; readonly reason: string };

export interface ErrorReply {
  readonly error: string;
}

export function isErrorReply(reply: unknown): reply is ErrorReply {
  return typeof reply === "object" && reply !== null && "error" in reply;
}
