/**
 * A program that opens a lab, prints what it has started, and then ends in the given way; run by the cleanup tests.
 *
 * Arguments: how it ends; then `paused` where its servers shall be stopped at that time, or how it listens for a signal; then the topology.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { openLab } from "../../../src/lab/lab.ts";
import { startCluster } from "../../../src/lab/servers/cluster.ts";
import type { RedisServer } from "../../../src/lab/servers/redis.ts";
import { startSentinel } from "../../../src/lab/servers/sentinel.ts";

const [ending, state, topology = "single"] = process.argv.slice(2);
const lab = await openLab();
const [redis, ...others] = await start(topology);
const toxiproxy = await lab.toxiproxy();
if (redis === undefined) throw new Error("no server");
if (state === "paused") for (const server of [redis, ...others]) await server.pause();
const pids = [redis, ...others, toxiproxy].map(({ pid }) => pid);
if (ending === "own_handler") {
  const manner = state === "once" ? "once" : "on";
  process[manner]("SIGINT", () => {
    process.stdout.write(`${JSON.stringify({ isRunning: redis.isRunning })}\n`, () => process.exit(5));
  });
}
process.stdout.write(`${JSON.stringify({ folder: lab.folder, pids })}\n`);

if (ending === "throw") throw new Error("on purpose");
if (ending === "exit") process.exit(7);
if (ending !== "return") await sleep(120_000);

async function start(wanted: string): Promise<readonly RedisServer[]> {
  if (wanted === "cluster") {
    const { primaries, replicas } = await startCluster(lab, { replicasEach: 1 });
    return [...primaries, ...replicas.flat()];
  }
  if (wanted !== "sentinel") return [await lab.redis()];
  const { primary, replicas, sentinels } = await startSentinel(lab);
  return [primary, ...replicas, ...sentinels];
}
