/** Whether a system under test keeps its data under keys of its own: found by the observer, never claimed. */
import { ofKind } from "../../check/history.ts";
import type { Trial } from "../../check/judgement.ts";

/** The observer looked for the keys of docs/protocol.md throughout the run, and found none of them. */
export function hasOwnKeys({ history, observations }: Trial): boolean {
  if (ofKind(history, "system").length === 0 || observations.length === 0) return false;
  return observations.every((one) => one.kind === "dump" && one.version === null && one.nodes.length === 0);
}
