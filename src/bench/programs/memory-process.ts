/** Program: how much more memory a process needs for an instance with nodes than for an empty one. */

import { type InstanceOptions, startInstance } from "../world/instance.ts";
import { serveJob } from "./second-process.ts";

export interface MemoryJob {
  readonly empty: InstanceOptions;
  readonly loaded: InstanceOptions;
}

export interface MemoryResult {
  /** Resident, after a collection: bytes. */
  readonly resident: number;
  /** On the heap and beside it, after a collection: bytes. */
  readonly held: number;
  readonly nodes: number;
}

serveJob<MemoryJob, MemoryResult>(async ({ empty, loaded }) => {
  await using _first = await startInstance(empty);
  const before = collected();
  await using instance = await startInstance(loaded);
  const after = collected();
  const { scheduler } = instance;
  const nodes = scheduler.status().view.reduce((sum, _, partition) => sum + scheduler.nodes(partition).length, 0);
  return { resident: after.resident - before.resident, held: after.held - before.held, nodes };
});

function collected(): { readonly resident: number; readonly held: number } {
  for (let times = 0; times < 3; times += 1) globalThis.gc?.();
  const { arrayBuffers, external, heapUsed, rss } = process.memoryUsage();
  return { resident: rss, held: heapUsed + external + arrayBuffers };
}
