/** Faults of the servers of the store: of their processes, data and replies. */

import { emptyPartition } from "../../../model/partition/partition.ts";
import { emptyConfig } from "../../../model/partition/rules/config.ts";
import type { FaultKind } from "../../../scenarios/declare/fault-kinds.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Condition, Data } from "../servers/server-state.ts";
import type { FaultCase, Step } from "./fault-step.ts";

/** How long a killed server takes to restart. */
const restartTakes: Millis = 30;

/** Affects the server that is the primary at the beginning, but not a successor of it. */
export function conditionSteps<Kind extends FaultKind>(one: FaultCase<Kind>, condition: Condition): readonly Step[] {
  const cutsOff = condition === "standing" || condition === "busy" || condition === "scripts_wait";
  let struck = one.world.primary;
  return one.lasting(
    () => {
      struck = one.world.primary;
      struck.set(condition);
      one.record("inject", null, "server", cutsOff);
    },
    () => {
      struck.unset(condition);
      one.record("heal", null, "server", cutsOff);
    },
  );
}

export function wrongTypeSteps(one: FaultCase<"wrong_type">): readonly Step[] {
  let struck = one.world.primary;
  return one.lasting(
    () => {
      struck = one.world.primary;
      struck.spoil(one.fault.key);
      one.record("inject", null, "server", false);
    },
    () => {
      struck.mend(one.fault.key);
      one.record("heal", null, "server", false);
    },
  );
}

export function restartSteps(one: FaultCase<"redis_restart">): readonly Step[] {
  const { fault, world } = one;
  return one.once(() => {
    one.record("inject", null, "server", true);
    const former = world.primary;
    const data = fault.data === "kept" ? former.copy() : nothing(world.partitions);
    former.end();
    world.cutAll(former, "the server has ended");
    world.timeline.after(restartTakes, null, () => {
      const server = world.server(data);
      world.promote(server);
      world.serverChanged(server, "restarted", fault.data);
      one.record("heal", null, "server", true);
    });
  });
}

/** A new life with what it held, which takes its time to be read. */
export function loadingSteps(one: FaultCase<"redis_loading">): readonly Step[] {
  const { world } = one;
  let struck = world.primary;
  return one.lasting(
    () => {
      one.record("inject", null, "server", true);
      const former = world.primary;
      const held = former.copy();
      former.end();
      world.cutAll(former, "the server has ended");
      struck = world.server(held);
      struck.set("loading");
      world.promote(struck);
      world.serverChanged(struck, "restarted", "kept");
    },
    () => {
      struck.unset("loading");
      one.record("heal", null, "server", true);
    },
  );
}

export function failoverSteps(one: FaultCase<"redis_failover">): readonly Step[] {
  const { world } = one;
  let replica: Data | null = null;
  return one.lasting(
    () => {
      replica = world.primary.copy();
      one.record("inject", null, "server", false);
    },
    () => {
      if (replica === null) return;
      const former = world.primary;
      const server = world.server(replica);
      world.promote(server);
      world.serverChanged(server, "promoted", "behind");
      former.end();
      one.record("heal", null, "server", false);
    },
  );
}

export function splitSteps(one: FaultCase<"redis_split_brain">): readonly Step[] {
  const { world } = one;
  let former = world.primary;
  return one.lasting(
    () => {
      former = world.primary;
      const server = world.server(former.copy());
      one.record("inject", null, "server", false);
      world.promote(server, one.fault.instances);
      world.serverChanged(server, "promoted", "kept");
    },
    () => {
      world.promote(world.primary);
      former.end();
      world.serverChanged(former, "demoted", "lost");
      one.record("heal", null, "server", false);
    },
  );
}

/** All instances follow the new primary; then some are routed back to the former one, which still accepts commands. */
export function formerPrimarySteps(one: FaultCase<"redis_former_primary">): readonly Step[] {
  const { fault, world } = one;
  let former = world.primary;
  return one.lasting(
    () => {
      former = world.primary;
      const server = world.server(former.copy());
      one.record("inject", null, "server", false);
      world.promote(server);
      world.serverChanged(server, "promoted", "kept");
      world.timeline.after(fault.lasts / 2, null, () => {
        world.promote(world.primary, fault.instances, former); // which another failover may have brought
      });
    },
    () => {
      world.promote(world.primary);
      former.end();
      world.serverChanged(former, "demoted", "lost");
      one.record("heal", null, "server", false);
    },
  );
}

/** Key by key: what is moved already is elsewhere, and a script that needs keys of both sides cannot run. Its end is another server's beginning. */
export function migrationSteps(one: FaultCase<"slot_migration">): readonly Step[] {
  const { world } = one;
  const { partition } = one.fault;
  return one.lasting(
    () => {
      world.primary.move(partition);
      one.record("inject", null, "server", false);
    },
    () => {
      world.primary.moved(partition);
      world.serverChanged(world.primary, "slot_moved", "kept");
      one.record("heal", null, "server", false);
    },
  );
}

/** Faults of one moment. */
export function momentSteps(
  one: FaultCase<"script_flush" | "flush_all" | "feed_entry_deleted" | "clock_jump">,
): readonly Step[] {
  const { fault, world } = one;
  return one.once(() => {
    one.record("inject", null, "server", false);
    switch (fault.kind) {
      case "script_flush":
        world.primary.flushScripts();
        world.serverChanged(world.primary, "scripts_flushed", "kept");
        break;
      case "flush_all":
        world.primary.replace(nothing(world.partitions));
        world.serverChanged(world.primary, "emptied", "lost");
        break;
      case "feed_entry_deleted":
        world.primary.deleteNewestEntries();
        world.serverChanged(world.primary, "entries_deleted", "kept");
        break;
      case "clock_jump":
        world.group.skew += Math.round(fault.by);
        world.serverChanged(world.primary, "clock_moved", "kept");
        break;
    }
    one.record("heal", null, "server", false);
  });
}

function nothing(partitions: number): Data {
  return { partitions: Array.from({ length: partitions }, () => emptyPartition), config: emptyConfig };
}
