/** Faults of a server, by kind: to its process, by its own commands, and to the keys that it holds. */
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { busy, flushedScripts, heldWrites, killedClients, outOfMemory, refusedWrites } from "./server-commands.ts";
import { loading, restarted, stopped } from "./server-process.ts";
import { type Acts, serverSpan } from "./server-span.ts";
import { allLinkPlaces, type Placed, type Step, serverPlace } from "./step.ts";
import { deletedEntries, flushedKeys, wrongType } from "./store-faults.ts";

type ServerFault = Extract<
  Fault,
  {
    readonly kind:
      | "redis_pause"
      | "redis_restart"
      | "script_flush"
      | "client_kill"
      | "client_pause"
      | "redis_busy"
      | "redis_out_of_memory"
      | "redis_readonly"
      | "redis_loading"
      | "flush_all"
      | "feed_entry_deleted"
      | "wrong_type";
  }
>;

export function serverSteps(placed: Placed<ServerFault>): readonly Step[] {
  const links = placed.fault.kind === "redis_readonly" ? allLinkPlaces(placed.world) : [];
  return serverSpan(placed, [serverPlace, ...links], () => actsOf(placed));
}

function actsOf({ fault, world }: Placed<ServerFault>): Acts {
  switch (fault.kind) {
    case "redis_pause":
      return stopped(world);
    case "redis_restart":
      return restarted(world, fault.data);
    case "redis_loading":
      return loading(world, fault.lasts);
    case "client_pause":
      return heldWrites(world);
    case "redis_busy":
      return busy(world);
    case "redis_out_of_memory":
      return outOfMemory(world);
    case "redis_readonly":
      return refusedWrites(world);
    case "script_flush":
      return flushedScripts(world);
    case "client_kill":
      return killedClients(world, fault.link);
    case "flush_all":
      return flushedKeys(world);
    case "feed_entry_deleted":
      return deletedEntries(world);
    case "wrong_type":
      return wrongType(world, fault.key);
  }
}
