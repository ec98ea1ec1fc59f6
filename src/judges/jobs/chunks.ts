/** The parts in which a heartbeat names its jobs (docs/protocol.md, `heartbeat`): each is a call of the store, and all of them are one of its client. */
import type { Call } from "../../check/history.ts";

/** Jobs of one part at most. */
const mostNamed = 500;

/** Returns the place of the first job of the last part. */
export function lastChunk(call: Pick<Call, "running">): number {
  return (chunksOf(call) - 1) * mostNamed;
}

/** 1 where all jobs fit into one, and for every other operation. */
export function chunksOf({ running = [] }: Pick<Call, "running">): number {
  return Math.max(1, Math.ceil(running.length / mostNamed));
}
