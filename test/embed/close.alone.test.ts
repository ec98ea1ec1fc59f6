/** After `close` nothing is left that would keep a program from ending, whatever Redis does; and nothing that was sent is cut off. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createScheduler } from "../../src/embed/scheduler.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import { loopback } from "../../src/lab/process/port.ts";
import { startCluster } from "../../src/lab/servers/cluster.ts";
import type { RedisServer } from "../../src/lab/servers/redis.ts";
import { startSentinel } from "../../src/lab/servers/sentinel.ts";
import { offer } from "./offers.ts";

const program = fileURLToPath(new URL("closing-program.ts", import.meta.url));
let lab: Lab;
let server: RedisServer;

beforeAll(async () => {
  lab = await openLab();
  server = await lab.redis();
});
beforeEach(() => server.resume());
afterAll(() => lab.close());

/** Returns the lines that the program printed before it ended by itself. */
async function ended(redis: unknown, how: "started" | "starting"): Promise<readonly string[]> {
  const child = spawn(process.execPath, [program, JSON.stringify(redis), how], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (text) => {
    printed += String(text);
  });
  const [code, signal] = await once(child, "close", { signal: AbortSignal.timeout(20_000) });
  expect([code, signal]).toEqual([0, null]);
  return printed.trim().split("\n");
}

const address = ({ port }: RedisServer) => ({ host: loopback, port });

describe("a program that has closed its scheduler ends by itself", () => {
  it("with one server", async () => {
    expect(await ended(server.url, "started")).toEqual(["registered", "closed"]);
  });

  it("with Sentinels, and with a Cluster", async () => {
    const { name, sentinels } = await startSentinel(lab, { sentinels: 1 });
    expect(await ended({ sentinels: sentinels.map(address), name }, "started")).toEqual(["registered", "closed"]);
    const { primaries } = await startCluster(lab);
    expect(await ended({ cluster: primaries.map(address) }, "started")).toEqual(["registered", "closed"]);
  });

  it("when Redis was never there: one server, Sentinels, a Cluster", async () => {
    const nowhere = await lab.redis();
    await nowhere.kill();
    for (const redis of [
      nowhere.url,
      { sentinels: [address(nowhere)], name: "main" },
      { cluster: [address(nowhere)] },
    ]) {
      expect(await ended(redis, "starting")).toEqual(["ClosedError", "closed"]);
    }
  });

  it("when Redis has stopped answering", async () => {
    await server.pause();
    expect(await ended(server.url, "starting")).toEqual(["ClosedError", "closed"]);
  });
});

describe("close", () => {
  it("waits for the answers that are due, so that what was sent is done", async () => {
    const scheduler = createScheduler({ redis: server.url });
    await scheduler.start();
    const nodes = Array.from({ length: 50 }, (_, index) => `drained-${index}`);
    const writes = Promise.all(nodes.map((node) => scheduler.registerNode(offer(node))));
    await scheduler.close();
    const answers = await writes;
    const sent = answers.filter(
      (answer) => answer.kind === "registered" || ("applied" in answer && answer.applied === "unknown"),
    );
    const other = createScheduler({ redis: server.url });
    await other.start();
    const there = other.selectNodes({ pool: "p", source: "de", target: "en", services: [], count: 1_000 }).nodes;
    const done = there.filter(({ node }) => node.startsWith("drained-"));
    expect(done).toHaveLength(sent.length);
    expect(sent.length).toBeGreaterThan(0);
    await other.close();
  });

  it("twice is once, and every call after it fails at once, unsent", async () => {
    const scheduler = createScheduler({ redis: server.url });
    await scheduler.start();
    await Promise.all([scheduler.close(), scheduler.close()]);
    expect(await scheduler.reserveJob("n", "j")).toMatchObject({ cause: "closed", applied: "no" });
  });
});
