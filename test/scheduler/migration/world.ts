/** Both sides, and what a test does to them: the registry with locks over a small Redis, this scheduler over a server that runs the model. */
import { DualWrites } from "../../../src/scheduler/migration/dual-writes.ts";
import { legacyRegistry } from "../../../src/scheduler/migration/legacy.ts";
import type { ReconcileReport } from "../../../src/scheduler/migration/reconciler.ts";
import type { Registries, Side } from "../../../src/scheduler/migration/registry.ts";
import { schedulerRegistry } from "../../../src/scheduler/migration/scheduler-registry.ts";
import { partitionOf } from "../../../src/scheduler/view/partition-of.ts";
import { startedOn } from "../support/instance.ts";
import { ModelServer } from "../support/model-server.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { LockedRegistry } from "./locked-registry.ts";
import { SmallRedis } from "./small-redis.ts";

/** Nothing expires or lapses by itself: the registry with locks does not know that. */
const lasting = { heartbeatTtl: 40_000_000, lease: 80_000_000 };

export async function bothSides() {
  const clock = new VirtualClock();
  const server = new ModelServer(clock, 2);
  const redis = new SmallRedis(clock);
  const instance = await startedOn(server, lasting);
  const locked = new LockedRegistry(redis, "mine");
  const next = schedulerRegistry(instance.scheduler);
  const registries: Registries = { legacy: legacyRegistry(locked, clock), next };
  return { clock, server, redis, locked, instance, registries };
}

export type BothSides = Awaited<ReturnType<typeof bothSides>>;

export async function dualWorld(lead: Side = "legacy") {
  const sides = await bothSides();
  const leads = { of: (_node: string): Side => lead };
  const { clock, registries } = sides;
  const dual = new DualWrites({ registries, clock, leadOf: (node) => leads.of(node) });

  /** Passes, with time between them, until nothing is left or nothing more can be done. */
  const reconciled = async (passes = 14): Promise<ReconcileReport> => {
    let last: ReconcileReport = { settled: [], repaired: 0, waiting: 0, problems: [] };
    for (let pass = 0; pass < passes && dual.counts.backlog > 0; pass++) {
      await clock.until(dual.drained());
      await clock.advance(7_000); // past the TTL of L1: what is read then is known since the last write
      last = await clock.until(dual.reconcile());
    }
    return last;
  };
  return { ...sides, leads, dual, reconciled };
}

/** Returns the actual content of a node on each side; null where it is not online. */
export function truths({ locked, server }: Pick<BothSides, "locked" | "server">, node: string) {
  const stored = locked.peek(node);
  const partition = server.state(partitionOf(node, server.partitions));
  const record = partition.nodes.get(node);
  const legacy = stored?.online
    ? { max_jobs: stored.max_jobs, pools: stored.pools, services: stored.services, jobs: [...stored.jobs].sort() }
    : null;
  const jobs = [...(partition.jobs.get(node) ?? new Map<string, number>()).keys()].sort();
  const next =
    record?.status === "online"
      ? { max_jobs: record.maxJobs, pools: record.pools, services: record.services, jobs }
      : null;
  return { legacy, next };
}
