/**
 * The order that versions give the calls about a node: of one epoch the smaller one came first, and a change has its version to itself. A store that goes
 * back begins a new epoch, of which nothing is known.
 */
import type { NodeInput, NodeOutput } from "./calls.ts";
import type { NodeState } from "./state.ts";

/** Answers of calls that made a change, and so took their version. The others of a write may have made one. */
const changes: ReadonlySet<string> = new Set([
  ...["register_node registered", "offline_node offline", "reserve_job reserved", "release_job completed"],
]);
const writes: ReadonlySet<string> = new Set([...changes, "heartbeat renewed", "complete_job completed"]);

/** @returns null where the answer's version contradicts that of the last write */
export function atVersion(
  before: NodeState,
  after: NodeState | null,
  { op }: NodeInput,
  { outcome, version }: NodeOutput,
): NodeState | null {
  if (after === null || version === undefined) return after;
  const answer = `${op} ${outcome}`;
  const last = before.version;
  if (last?.epoch === version.epoch) {
    const least = changes.has(answer) ? last.sequence + 1 : last.sequence;
    if (version.sequence < least) return null;
  }
  return writes.has(answer) ? { ...after, version } : after;
}
