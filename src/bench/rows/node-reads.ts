/** getNode from L1: how many reads one core answers, one after another. */

import { type Round, shareWithout } from "../measure/round.ts";
import { nodeName } from "../world/population.ts";
import type { World } from "../world/world.ts";

const ids = 1_000;
const atOnce = 10_000;

export async function readFromL1(world: World): Promise<readonly Round[]> {
  const { server } = await world.populated(world.sizes.nodes);
  // A round takes about as long as the default TTL: it measures L1, not how often L1 is filled.
  await using instance = await world.instance(server, { l1Ttl: 600_000, l2Ttl: 1_200_000 });
  const { scheduler } = instance;
  const names = Array.from({ length: ids }, (_, index) => nodeName(index));
  const readMany = async (count: number): Promise<number> => {
    let fromL1 = 0;
    for (let index = 0; index < count; index += 1) {
      if ((await scheduler.getNode(names[index % ids] ?? "")).source === "l1") fromL1 += 1;
      if (index % atOnce === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return fromL1;
  };
  await readMany(10 * ids); // fills L1, warms up
  return await world.repeat("get_node", async () => {
    const { result, taken, took } = await world.watch(server, () => readMany(world.sizes.reads));
    const value = (result * 1_000) / took;
    return { value, best: value / shareWithout(taken), worst: value, exercised: result, taken };
  });
}
