/** Why a call failed and whether it may have happened: the one place where an error's text is read. */
import type { Failure } from "../protocol/replies.ts";
import type { Millis } from "../protocol/time.ts";
import { ReplyError } from "./scripts/reply.ts";

type Cause = Failure["cause"];

/**
 * A right that a user lacks, detected while a script runs. What every script needs is checked when a connection is made (acl.ts),
 * so this is a right that was taken away since; what the script had written by then stays.
 */
const deniedInScript = /^ERR (The user executing the script can't|ACL failure in script)/u;

/**
 * Error replies of Redis by their first word. All are given before a script's first write (docs/protocol.md, section 3), so nothing was applied;
 * BUSY and UNKILLABLE are answers about another script that keeps the server from running ours.
 */
const byPrefix: readonly (readonly [prefix: string, cause: Cause])[] = [
  ["LPARG", "invalid"],
  ["READONLY", "readonly"],
  ["MASTERDOWN", "readonly"],
  ["LOADING", "loading"],
  ["BUSY", "busy"],
  ["UNKILLABLE", "busy"],
  ["OOM", "out_of_memory"],
  ["NOPERM", "denied"],
  ["NOAUTH", "denied"],
  ["WRONGPASS", "denied"],
  ["WRONGTYPE", "wrong_type"],
  ["MOVED", "moved"],
  ["ASK", "moved"],
  ["CLUSTERDOWN", "moved"],
  ["TRYAGAIN", "moved"],
  ["NOREPLICAS", "readonly"],
  ["MISCONF", "readonly"],
];

/** How ioredis ends a call in a Cluster that was sent from node to node: the last answer was that it did not run there. */
const redirectedTooOften =
  /^Too many Cluster redirections\. Last error: ReplyError: (MOVED|ASK|TRYAGAIN|CLUSTERDOWN)\b/u;

/** How ioredis refuses a call that it has not sent, because there is no connection to send it on. */
const notSent = /enableOfflineQueue options is false$/u;

export function failure(cause: Cause, applied: Failure["applied"], after: Millis, message: string): Failure {
  return { kind: "failed", applied, cause, after, message };
}

/** From whatever a call threw. `sent`: the command had been handed to a connection that stood. */
export function classify(error: unknown, after: Millis, sent: boolean): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ReplyError)
    return failure(error.kind, error.kind === "protocol" ? "unknown" : "no", after, message);
  const known = byPrefix.find(([prefix]) => message.startsWith(prefix));
  if (known) return failure(known[1], "no", after, message);
  if (redirectedTooOften.test(message)) return failure("moved", "no", after, message);
  if (notSent.test(message)) return failure("disconnected", "no", after, message);
  if (deniedInScript.test(message)) return failure("denied", "unknown", after, message);
  if (isReplyOfServer(error)) return failure("protocol", "unknown", after, message);
  return failure("disconnected", sent ? "unknown" : "no", after, message);
}

export function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}

/** The server takes no writes: a replica, or a primary that was demoted. */
export function isReadOnly(error: Error): boolean {
  return error.message.startsWith("READONLY");
}

/** The user is not let in, or has not the right. */
export function isDenied(error: unknown): error is Error {
  return error instanceof Error && classify(error, 0, true).cause === "denied";
}

/** Whether the error is the reply of a server outside a Cluster to CLUSTER. */
export function isNoCluster(error: unknown): boolean {
  return error instanceof Error && error.message.includes("cluster support disabled");
}

/** ioredis gives error replies this name; all its other errors are about the connection. */
function isReplyOfServer(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError";
}
