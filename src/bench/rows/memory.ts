/** The memory of an instance's nodes: a process's resident memory with them, above that with an empty instance. */

import type { Round } from "../measure/round.ts";
import type { MemoryJob, MemoryResult } from "../programs/memory-process.ts";
import { runSecondProcess } from "../programs/second-process.ts";
import type { World } from "../world/world.ts";

const megabyte = 1_000_000;

export async function weigh(world: World): Promise<readonly Round[]> {
  const { manyNodes } = world.sizes;
  const { server } = await world.populated(manyNodes);
  return await world.repeat("memory", async () => {
    const { mutant: _, ...options } = world.instanceOptions(server); // functions do not travel
    const job: MemoryJob = { empty: { ...options, prefix: "empty:" }, loaded: options };
    const { nodes, resident } = await runSecondProcess<MemoryResult>("memory-process", job, world.signal);
    if (nodes !== manyNodes) throw new Error(`ready with ${nodes} of ${manyNodes} nodes`);
    const value = resident / megabyte;
    // Other work on the machine changes the time, not the memory.
    return { value, best: value, worst: value, exercised: nodes, taken: 0 };
  });
}
