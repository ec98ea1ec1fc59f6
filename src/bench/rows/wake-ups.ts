/** How long the event loop of one instance is blocked while 200 others change nodes, by their wake-ups and the reads that these cause. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Millis } from "../../protocol/time.ts";
import { resolveSettings } from "../../scheduler/settings.ts";
import { partitionOf } from "../../scheduler/view/partition-of.ts";
import { Latencies } from "../measure/latencies.ts";
import { type Round, shareWithout } from "../measure/round.ts";
import type { ChangeJob, ChangeResult } from "../programs/change-process.ts";
import { runSecondProcess } from "../programs/second-process.ts";
import { feedMax } from "../world/instance.ts";
import { nodeName } from "../world/population.ts";
import type { World } from "../world/world.ts";

const instances = 200;
/** Five jobs a second each: placed and ended. */
const changesOfOne = 10;
const perSecond = instances * changesOfOne;
const nodesChanged = 1_000;
const tick: Millis = 1;

export async function delayLoop(world: World): Promise<readonly Round[]> {
  const { lasts, nodes } = world.sizes;
  const { server } = await world.populated(nodes);
  await using instance = await world.instance(server);
  const { partitions } = resolveSettings({});
  const changed = Array.from({ length: nodesChanged }, (_, index) => nodeName(nodes - 1 - index));
  const job: ChangeJob = {
    url: server.url,
    prefix: "lp:",
    partitions,
    feedMax,
    nodes: changed.map((node) => [node, partitionOf(node, partitions)] as const),
    perSecond,
    count: Math.ceil((perSecond * lasts) / 1_000),
    round: 0,
  };
  let rounds = 0;
  return await world.repeat("wake_ups", async () => {
    rounds += 1;
    let cpu = 0;
    const before = sequences(instance.scheduler.status().view);
    const { result, stalls, taken } = await world.watch(
      server,
      async () => {
        const loop = measureLoop();
        const done = await runSecondProcess<ChangeResult>(
          "change-process",
          { ...job, round: rounds },
          world.signal,
          loop.begin,
        );
        cpu = done.cpu;
        return { delays: await loop.end(), changes: done.changes };
      },
      () => cpu,
    );
    const seen = sequences(instance.scheduler.status().view) - before;
    const value = result.delays.at(99);
    const best = Math.min(value, result.delays.adjustedAt(99, stalls)) * shareWithout(taken);
    return { value, best, worst: value, exercised: Math.min(seen, result.changes), taken };
  });
}

function sequences(view: readonly { readonly sequence: number }[]): number {
  return view.reduce((sum, { sequence }) => sum + sequence, 0);
}

interface LoopMeasure {
  /** From here on. */
  readonly begin: () => void;
  end(): Promise<Latencies>;
}

/** A timer due every millisecond from the end of the last: its lateness is how long the loop was blocked. */
function measureLoop(): LoopMeasure {
  const begun = Promise.withResolvers<void>();
  let measuring = true;
  const measured = (async () => {
    const delays = new Latencies();
    await begun.promise;
    while (measuring) {
      const due = performance.now() + tick;
      await sleep(tick);
      delays.add(due, Math.max(due, performance.now()));
    }
    return delays;
  })();
  return {
    begin: begun.resolve,
    end() {
      begun.resolve();
      measuring = false;
      return measured;
    },
  };
}
