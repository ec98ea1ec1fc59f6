/**
 * C1: entries that were created together do not expire together. Every entry is read repeatedly, and the Redis operations are counted by slices of the
 * interval over which jitter spreads the expiries. Without jitter all of them fall into a third of that interval.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Millis } from "../../protocol/time.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";
import { type Round, shareWithout } from "../measure/round.ts";
import type { WrapStore } from "../world/instance.ts";
import { nodeName } from "../world/population.ts";
import type { World } from "../world/world.ts";

/** The scheduler's default. */
const spread = 0.2;
const slices = 12;
/** An entry is read this often within the TTL. */
const readsPerTtl = 20;

export async function spreadExpiry(world: World): Promise<readonly Round[]> {
  const { entries, ttl, writtenIn } = world.sizes.expiry;
  const { server } = await world.populated(world.sizes.nodes);
  return await world.repeat("expiry", async () => {
    const sent: Millis[] = [];
    // Without polling every operation is due to an expired entry.
    const settings = { l1Ttl: ttl, missTtl: 1, pollInterval: 20_000, pulseInterval: 20_000, sweepInterval: 3_600_000 };
    await using instance = await world.instance(server, settings, countingReads(sent));
    const { result, taken } = await world.watch(server, () => fillAndRead(instance.scheduler, world));
    const { from, due } = result;
    const window = { from: from + ttl * (1 - spread), to: from + ttl * (1 + spread) + writtenIn };
    const value = burstOf(sent, window.from, window.to);
    const premise = due >= entries * 0.9 && entries > 0 ? due : 0;
    return { value, best: 1 + (value - 1) * shareWithout(taken), worst: value, exercised: premise, taken };
  });
}

/** The busiest slice divided by the mean of all; NaN where nothing was sent. */
export function burstOf(sent: readonly Millis[], from: Millis, to: Millis): number {
  const counts = new Array<number>(slices).fill(0);
  for (const at of sent) {
    const slice = Math.floor(((at - from) * slices) / (to - from));
    if (slice >= 0 && slice < slices) counts[slice] = (counts[slice] ?? 0) + 1;
  }
  const sum = counts.reduce((total, count) => total + count, 0);
  return (Math.max(...counts) * slices) / sum;
}

interface Filled {
  /** When the first entry was created. */
  readonly from: Millis;
  /** Reads that found their entry expired. */
  readonly due: number;
}

/** Creates the entries within `writtenIn`, then reads each in turn until all have expired once. */
async function fillAndRead(scheduler: Scheduler, { signal, sizes }: World): Promise<Filled> {
  const { entries, ttl, writtenIn } = sizes.expiry;
  const from = performance.now();
  let due = 0;
  const read = async (index: number): Promise<void> => {
    if ((await scheduler.getNode(nodeName(index % entries))).source !== "l1") due += 1;
  };
  await paced(entries, writtenIn, signal, read);
  due = 0;
  const rest = from + ttl * (1 + spread) + writtenIn - performance.now();
  await paced(Math.ceil((rest / ttl) * readsPerTtl * entries), rest, signal, read);
  return { from, due };
}

/** `count` reads evenly over `lasts`; a late timer makes up for it at once. */
async function paced(
  count: number,
  lasts: Millis,
  signal: AbortSignal,
  read: (index: number) => Promise<void>,
): Promise<void> {
  const begun = performance.now();
  const inFlight = new Set<Promise<void>>();
  for (let index = 0; index < count && !signal.aborted; ) {
    const until = Math.min(count, Math.ceil(((performance.now() - begun) / lasts) * count));
    for (; index < until; index += 1) {
      const reading = read(index).finally(() => inFlight.delete(reading));
      inFlight.add(reading);
    }
    if (index < count) await sleep(1);
  }
  await Promise.all(inFlight);
}

function countingReads(sent: Millis[]): WrapStore {
  return (store) => ({
    ...store,
    changesSince(request, deadline) {
      sent.push(performance.now());
      return store.changesSince(request, deadline);
    },
    snapshot(request, deadline) {
      sent.push(performance.now());
      return store.snapshot(request, deadline);
    },
  });
}
