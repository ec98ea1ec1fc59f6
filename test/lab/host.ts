/**
 * A program that opens a lab, says what it has started, and then ends in the way it is told; run by the cleanup tests.
 *
 * Arguments: how it ends; then `paused` where its redis-server shall be stopped at that time, or how it listens for a signal.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { openLab } from "../../src/lab/lab.ts";

const [ending, state] = process.argv.slice(2);
const lab = await openLab();
const redis = await lab.redis();
const toxiproxy = await lab.toxiproxy();
if (state === "paused") await redis.pause();
if (ending === "own_handler") {
  const manner = state === "once" ? "once" : "on";
  process[manner]("SIGINT", () => {
    process.stdout.write(`${JSON.stringify({ isRunning: redis.isRunning })}\n`, () => process.exit(5));
  });
}
process.stdout.write(`${JSON.stringify({ folder: lab.folder, pids: [redis.pid, toxiproxy.pid] })}\n`);

if (ending === "throw") throw new Error("on purpose");
if (ending === "exit") process.exit(7);
if (ending !== "return") await sleep(120_000);
