/** C2: lookups of nodes that are not there cost at most one Redis request an id, miss TTL and instance. */

import type { Millis } from "../../protocol/time.ts";
import type { Round } from "../measure/round.ts";
import type { WrapStore } from "../world/instance.ts";
import { openLoop } from "../world/load.ts";
import type { World } from "../world/world.ts";

const lookupsPerSecond = 1_000;
const instances = 2;
const missing = "missing-";

export async function absorbMisses(world: World): Promise<readonly Round[]> {
  const { ids, ttl, ttls } = world.sizes.misses;
  const { server } = await world.populated(world.sizes.nodes);
  let rounds = 0;
  return await world.repeat("misses", async () => {
    rounds += 1;
    const name = (index: number): string => `${missing}${rounds}-${index % ids}`;
    const { result, taken } = await world.watch(server, () =>
      Promise.all(
        Array.from({ length: instances }, async () => {
          const asked = new Map<string, Millis[]>();
          await using instance = await world.instance(server, { missTtl: ttl }, notingLookups(asked));
          const count = Math.ceil((lookupsPerSecond * ttl * ttls) / 1_000);
          const lookups = await openLoop({
            perSecond: lookupsPerSecond,
            count,
            lanes: lookupsPerSecond,
            signal: world.signal,
            call: async (index) => !(await instance.scheduler.getNode(name(index))).found,
          });
          const requests = [...asked.values()].reduce((sum, times) => sum + times.length, 0);
          const most = Math.max(0, ...[...asked.values()].map((times) => mostWithin(times, ttl)));
          return { most, absorbed: requests === 0 ? 0 : Math.max(0, lookups.count - requests) };
        }),
      ),
    );
    const value = Math.max(...result.map(({ most }) => most));
    const exercised = Math.min(...result.map(({ absorbed }) => absorbed));
    // One clock sets and reads a miss mark: no pause of the machine can cause a second request.
    return { value, best: value, worst: value, exercised, taken };
  });
}

/** The most times within less than `span`, of times in order. */
export function mostWithin(times: readonly Millis[], span: Millis): number {
  let most = 0;
  let first = 0;
  for (let last = 0; last < times.length; last += 1) {
    while ((times[last] ?? 0) - (times[first] ?? 0) >= span) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

function notingLookups(asked: Map<string, Millis[]>): WrapStore {
  return (store) => ({
    ...store,
    snapshot(request, deadline) {
      for (const node of request.nodes) {
        if (!node.startsWith(missing)) continue; // a page of the cold start
        const times = asked.get(node);
        if (times === undefined) asked.set(node, [performance.now()]);
        else times.push(performance.now());
      }
      return store.snapshot(request, deadline);
    },
  });
}
