/** selectNodes: its own time over an unchanging view, and its latency while the view changes. */
import { seededRandom } from "../../load/plan/seeded-random.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";
import type { Wanted } from "../../scheduler/selection/select.ts";
import type { ClaimId } from "../claims.ts";
import { Latencies } from "../measure/latencies.ts";
import { type Round, shareWithout } from "../measure/round.ts";
import { openLoop } from "../world/load.ts";
import { metrics, nodeName, pairNumber, poolName } from "../world/population.ts";
import type { World } from "../world/world.ts";

const wantedCount = 5;
/** Calls between two pauses, in which the instance does its other work. */
const atOnce = 100;

/** The requests, drawn from the seed. */
function* questions(seed: number): Generator<Wanted> {
  const random = seededRandom(seed)("selection");
  for (;;) {
    const pair = pairNumber(random.nextUint32());
    yield { pool: poolName(random.nextUint32()), ...pair, services: ["translate"], count: wantedCount };
  }
}

/** The P99 of the calls alone, in microseconds, without time in which the thread did not run. */
export async function timeSelection(world: World, id: ClaimId, nodes: number): Promise<readonly Round[]> {
  const { server } = await world.populated(nodes);
  await using instance = await world.instance(server);
  const asked = questions(world.seed);
  await selectMany(instance.scheduler, asked, world.sizes.selections); // warms up
  return await world.repeat(id, async () => {
    const { result, taken } = await world.watch(server, () =>
      selectMany(instance.scheduler, asked, world.sizes.selections),
    );
    const value = result.took.at(99) * 1_000;
    return { value, best: Math.min(value, result.worked.at(99) * 1_000), worst: value, exercised: result.found, taken };
  });
}

interface Selected {
  readonly took: Latencies;
  /** CPU time of the thread. */
  readonly worked: Latencies;
  /** Selections that named a node. */
  readonly found: number;
}

async function selectMany(scheduler: Scheduler, asked: Iterator<Wanted>, count: number): Promise<Selected> {
  const took = new Latencies();
  const worked = new Latencies();
  let found = 0;
  for (let index = 0; index < count; index += 1) {
    const wanted = asked.next().value as Wanted;
    const cpu = threadCpu();
    const from = performance.now();
    const { nodes } = scheduler.selectNodes(wanted);
    const to = performance.now();
    took.add(from, to);
    worked.add(0, threadCpu() - cpu);
    if (nodes.length > 0) found += 1;
    if (index % atOnce === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return { took, worked, found };
}

/** ms; of the whole process where Node does not report threads, which subtracts less. */
function threadCpu(): number {
  const { user, system } = (process.threadCpuUsage ?? process.cpuUsage)();
  return (user + system) / 1_000;
}

const selectionsPerSecond = 1_000;
/** Jobs reserved and completed in the same process meanwhile: two changes each. */
const pairsPerSecond = 250;
const heartbeatsPerSecond = 250;

/** B2 without faults: selections due at fixed times, while jobs and heartbeats change the view. */
export async function selectUnderLoad(world: World): Promise<readonly Round[]> {
  const { nodes, lasts } = world.sizes;
  const { server, population } = await world.populated(nodes);
  await using instance = await world.instance(server);
  const { scheduler } = instance;
  const asked = questions(world.seed);
  const { signal } = world;
  let beats = 0;
  let jobs = 0;
  const many = (perSecond: number) => ({ perSecond, count: Math.ceil((perSecond * lasts) / 1_000), signal });
  const started = Date.now();
  return await world.repeat("selection", async () => {
    const watched = await world.watch(server, async () => {
      const [selections] = await Promise.all([
        openLoop({
          ...many(selectionsPerSecond),
          lanes: selectionsPerSecond,
          call: async () => scheduler.selectNodes(asked.next().value as Wanted).mode === "normal",
        }),
        openLoop({
          ...many(pairsPerSecond),
          lanes: 100,
          async call(_, lane) {
            jobs += 1;
            const job = `selection-${jobs}`;
            const reserved = await scheduler.reserveJob(nodeName(lane), job);
            const completed = await scheduler.completeJob(nodeName(lane), job);
            return reserved.kind === "reserved" && completed.kind === "completed";
          },
        }),
        openLoop({
          ...many(heartbeatsPerSecond),
          lanes: 100,
          async call(_, lane) {
            beats += 1;
            const node = nodeName(100 + lane);
            const incarnation = population.incarnations[100 + lane] ?? "";
            const answer = await scheduler.heartbeat({ node, incarnation, seq: started + beats, metrics, running: [] });
            return answer.kind === "renewed";
          },
        }),
      ]);
      return selections;
    });
    const { result, stalls, taken } = watched;
    const value = result.at(99);
    const best = Math.min(value, result.adjustedAt(99, stalls)) * shareWithout(taken);
    return { value, best, worst: value, exercised: result.count, taken };
  });
}
