/** Jobs that are reserved on a node, then completed; compared with BullMQ, which takes a job from its queue and completes it. */

import type { Round } from "../measure/round.ts";
import { besidePeer } from "../peers/peer-rounds.ts";
import { closedLoop } from "../world/load.ts";
import { nodeName, populate } from "../world/population.ts";
import type { World } from "../world/world.ts";

const nodes = 1_000;
/** Enough that neither Redis nor this process waits for the other. It needs a setting, since an instance allows 256 by default. */
const width = 800;
const maxCalls = 1_000;

export async function countPairs(world: World): Promise<readonly Round[]> {
  const server = await world.server();
  await using instance = await world.instance(server, { maxCalls });
  const { scheduler } = instance;
  await populate(scheduler, nodes, world.seed, world.signal);
  let jobs = 0;
  const pair = async (index: number): Promise<boolean> => {
    jobs += 1;
    const [node, job] = [nodeName(index % nodes), `job-${jobs}`];
    const reserved = await scheduler.reserveJob(node, job);
    return reserved.kind === "reserved" && (await scheduler.completeJob(node, job)).kind === "completed";
  };
  const loop = { width, signal: world.signal, call: pair };
  await closedLoop({ ...loop, count: world.sizes.pairs / 10 }); // warms up
  return await besidePeer(world, "pairs", async () => {
    const { result, taken } = await world.watch(server, () => closedLoop({ ...loop, count: world.sizes.pairs }));
    return { ours: result.perSecond, exercised: result.done, taken };
  });
}
