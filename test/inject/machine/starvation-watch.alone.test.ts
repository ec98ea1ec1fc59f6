// cspell:ignore autogroup
/** A proxy that gets no processor is starved; a server that is stopped is not. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, constants, setPriority } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ofKind, type Starved } from "../../../src/check/history.ts";
import { watchStarvation } from "../../../src/inject/machine/starvation-watch.ts";
import { Recorder } from "../../../src/inject/observe/recorder.ts";
import { type Lab, openLab } from "../../../src/lab/lab.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";
import { askRedis } from "../../../src/lab/servers/redis-wire.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(async () => {
  await lab.close();
});

async function begun() {
  const [redis, toxiproxy] = [await lab.redis(), await lab.toxiproxy()];
  const link = await toxiproxy.createProxy({ name: "link", upstream: `127.0.0.1:${redis.port}` });
  const recorder = new Recorder();
  recorder.begin();
  const waits = (process: string): readonly Starved[] =>
    ofKind(recorder.events, "starved").filter((each) => each.process === process);
  const watch = watchStarvation({ toxiproxy, servers: { data: [redis], sentinels: [] }, hasHops: false }, recorder);
  const ask = () => askRedis(link.listenPort, ["PING"], 1_000).catch(() => "");
  return { ask, redis, toxiproxy, link, recorder, waits, watch };
}

/** Work on every processor until it is ended, and no longer than this: the kernel counts a wait when it is over, which may be only then. */
const burnAtMost = 1_500;
const lookTimeout = 10_000;
const burn = `const until = performance.now() + ${burnAtMost}; process.stdout.write("burning"); while (performance.now() < until);`;

async function burner(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["-e", burn], { stdio: ["ignore", "pipe", "ignore"] });
  if (child.stdout !== null) await once(child.stdout, "data");
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

/**
 * Every working thread goes before it. The priority is a thread's, and a new thread has that of the one that begins it. Where the kernel shares
 * processors between sessions first (autogroup), that of its session counts too.
 */
function putLast(pid: number): void {
  const session = `/proc/${pid}/autogroup`;
  if (existsSync(session) && groupOf(session) !== groupOf("/proc/self/autogroup")) writeFileSync(session, "19");
  for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), constants.priority.PRIORITY_LOW);
}

function groupOf(file: string): string | undefined {
  return readFileSync(file, "utf8").split(" ")[0];
}

/** The first wait of a process with the lowest priority, while a client has work for it. */
async function starve(pid: number, ask: () => Promise<unknown>, waits: () => readonly Starved[]): Promise<Starved> {
  putLast(pid);
  const burners = await Promise.all(Array.from({ length: 2 * availableParallelism() }, burner));
  try {
    const look = async (): Promise<Starved | undefined> => {
      await ask();
      return waits()[0];
    };
    const seen = await waitFor(look, { timeout: lookTimeout, interval: 1 });
    if (seen === undefined) throw new Error("a process with the lowest priority was never starved");
    return seen;
  } finally {
    await Promise.all(burners.map(ended));
  }
}

describe.runIf(process.platform === "linux")("the watch over servers and proxies", () => {
  it("sees CPU starvation of a proxy", async () => {
    const { ask, toxiproxy, waits, watch } = await begun();
    using _ = watch;
    const seen = await starve(toxiproxy.pid, ask, () => waits("toxiproxy").filter(({ waited }) => waited >= 10));
    expect(seen.at - seen.since).toBeGreaterThanOrEqual(seen.waited - 1e-6);
  });

  it("sees that of a restarted server", async () => {
    const { ask, recorder, redis, waits, watch } = await begun();
    using _ = watch;
    await redis.restart({ keepData: false });
    const from = recorder.now();
    const seen = await starve(redis.pid, ask, () => waits("redis-0").filter(({ at }) => at > from));
    expect(seen.since).toBeGreaterThan(0);
  });

  it("sees nothing of a server that is stopped", async () => {
    const { link, recorder, redis, waits, watch } = await begun();
    using _ = watch;
    await redis.pause();
    const from = recorder.now();
    const asked = askRedis(link.listenPort, ["PING"], 10_000);
    await waitFor(() => (recorder.now() - from > 100 ? true : undefined), { timeout: 5_000, interval: 5 });
    const to = recorder.now();
    redis.resume();
    expect(await asked).toBe("+PONG");
    expect(waits("redis-0").filter(({ at, since }) => since >= from && at <= to)).toEqual([]);
  });
});
