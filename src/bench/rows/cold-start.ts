/** The time from creating an instance to its being ready, including its connections. */

import type { ClaimId } from "../claims.ts";
import { type Round, shareWithout } from "../measure/round.ts";
import { openInstance } from "../world/instance.ts";
import type { World } from "../world/world.ts";

export async function startCold(world: World, id: ClaimId, nodes: number): Promise<readonly Round[]> {
  const { server } = await world.populated(nodes);
  return await world.repeat(id, async () => {
    await using instance = openInstance(world.instanceOptions(server));
    const { took, taken } = await world.watch(server, async () => {
      await instance.store.connect();
      await instance.scheduler.start();
    });
    const held = instance.scheduler
      .status()
      .view.reduce((sum, _, partition) => sum + instance.scheduler.nodes(partition).length, 0);
    if (held !== nodes) throw new Error(`ready with ${held} of ${nodes} nodes`);
    return { value: took, best: took * shareWithout(taken), worst: took, exercised: held, taken };
  });
}
