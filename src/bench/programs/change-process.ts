/** Program: changes nodes at a fixed rate, as many instances would: each change is published, and wakes the followers. */
import { createRedisStore } from "../../redis/store.ts";
import { ownCpu } from "../measure/cpu.ts";
import { openLoop } from "../world/load.ts";
import { serveJob } from "./second-process.ts";

export interface ChangeJob {
  readonly url: string;
  readonly prefix: string;
  readonly partitions: number;
  readonly feedMax: number;
  /** Node and its partition. */
  readonly nodes: readonly (readonly [node: string, partition: number])[];
  readonly perSecond: number;
  readonly count: number;
  readonly round: number;
}

export interface ChangeResult {
  readonly changes: number;
  /** Seconds of CPU. */
  readonly cpu: number;
}

const deadline = 5_000;
const day = 86_400_000;

serveJob<ChangeJob, ChangeResult>(async ({ count, nodes, perSecond, round, ...place }, started) => {
  const store = createRedisStore({ ...place, name: "bench-changes" });
  await store.connect();
  let changes = 0;
  started();
  await openLoop({
    perSecond,
    count,
    lanes: nodes.length,
    signal: new AbortController().signal,
    /** Reserved at even calls of a lane, released at odd ones. */
    async call(index, lane) {
      const [node = "", partition = 0] = nodes[lane] ?? [];
      const turn = Math.floor(index / nodes.length);
      const job = `${round}-${lane}-${turn >> 1}`;
      const answer =
        turn % 2 === 0
          ? await store.reserveJob({ partition, node, job, lease: day, seen: 0 }, deadline)
          : await store.releaseJob({ partition, node, job }, deadline);
      const changed = answer.kind === "reserved" || answer.kind === "completed";
      if (changed) changes += 1;
      return changed;
    },
  });
  await store.close();
  return { changes, cpu: ownCpu() };
});
