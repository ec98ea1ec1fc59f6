/** How each claim is measured. */
import type { ClaimId } from "../claims.ts";
import type { Round } from "../measure/round.ts";
import type { World } from "../world/world.ts";
import { startCold } from "./cold-start.ts";
import { spreadExpiry } from "./expiry.ts";
import { countHeartbeats, rateHeartbeats, timeHeartbeats } from "./heartbeats.ts";
import { countPairs } from "./jobs.ts";
import { weigh } from "./memory.ts";
import { absorbMisses } from "./misses.ts";
import { readFromL1 } from "./node-reads.ts";
import { selectUnderLoad, timeSelection } from "./selection.ts";
import { delayLoop } from "./wake-ups.ts";

export const rows: Readonly<Record<ClaimId, (world: World) => Promise<readonly Round[]>>> = {
  select: (world) => timeSelection(world, "select", world.sizes.nodes),
  select_many: (world) => timeSelection(world, "select_many", world.sizes.manyNodes),
  selection: selectUnderLoad,
  get_node: readFromL1,
  heartbeat: timeHeartbeats,
  heartbeat_rate: rateHeartbeats,
  heartbeats: countHeartbeats,
  pairs: countPairs,
  cold_start: (world) => startCold(world, "cold_start", world.sizes.nodes),
  cold_start_many: (world) => startCold(world, "cold_start_many", world.sizes.manyNodes),
  memory: weigh,
  expiry: spreadExpiry,
  misses: absorbMisses,
  wake_ups: delayLoop,
};
