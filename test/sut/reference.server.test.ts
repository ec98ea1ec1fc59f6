import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import type { PipedProcess } from "../../src/lab/process/piped-process.ts";
import { identify, isStopped } from "../../src/lab/process/process.ts";
import { waitFor } from "../../src/lab/process/wait.ts";
import type { RedisServer } from "../../src/lab/servers/redis.ts";
import { systemClock } from "../../src/redis/system.ts";
import { SutClient } from "../../src/sut/client.ts";
import { referenceCommand } from "../../src/sut/command.ts";
import { ops } from "../../src/sut/protocol.ts";

let lab: Lab;
let redis: RedisServer;
beforeAll(async () => {
  lab = await openLab();
  redis = await lab.redis();
});
afterAll(async () => {
  await lab.close();
});

const calm = 5_000;
/** A busy machine must not degrade it. */
const patient = { partitions: 2, budget: calm, readDeadline: 4_000, writeDeadline: 4_000 };
const asked = { instance: 0, namespace: "lp:", settings: patient };
const offer = { pools: ["a"], languages: [{ source: "en", target: "de" }], services: ["s"] };
const idle = { cpu: 0, gpu: 0, memory: 0, load: 0, latency_ms: 0, error_rate: 0 };

async function start(): Promise<{ client: SutClient; process: PipedProcess }> {
  const process = await lab.program({ name: "instance", ...referenceCommand() });
  return { client: new SutClient({ process, name: "instance 0", clock: systemClock }), process };
}

async function begun() {
  const started = await start();
  const about = await started.client.init({ ...asked, redis: redis.url }, 20_000);
  return { ...started, about };
}

describe("the reference scheduler as a process", () => {
  it("answers every operation of the protocol, and ends on request", async () => {
    const { about, client, process } = await begun();
    expect(about.capabilities.ops).toEqual(ops);
    const say = async (ask: Parameters<SutClient["call"]>[0]) => {
      const answer = await client.call(ask, calm);
      return answer.kind === "answered" ? answer.reply : answer;
    };
    const node = "n{1}:\n";
    const registered = await say({ op: "register_node", node, registration: "t", max_jobs: 1, ...offer });
    expect(registered).toMatchObject({
      outcome: "registered",
      incarnation: expect.stringMatching(/^[0-9a-f]{16}:1$/u),
    });
    const incarnation = "incarnation" in registered ? (registered.incarnation ?? "") : "";
    const beat = { op: "heartbeat" as const, node, incarnation, metrics: idle, running: [] };
    expect(await say({ ...beat, seq: 1 })).toMatchObject({ outcome: "renewed" });
    expect(await say({ ...beat, seq: 0 })).toMatchObject({ outcome: "stale" });
    expect(await say({ op: "register_node", node, expected: null, max_jobs: 1, ...offer })).toMatchObject({
      outcome: "conflict",
      incarnation,
    });
    expect(await say({ op: "reserve_job", node, job: "j1", lease_ms: 60_000 })).toMatchObject({ outcome: "reserved" });
    expect(await say({ op: "reserve_job", node, job: "j2" })).toMatchObject({ outcome: "full" });
    expect(await say({ op: "get_node", node })).toMatchObject({
      found: true,
      current_jobs: 1,
      max_jobs: 1,
      stale: false,
    });
    expect(await say({ op: "get_node", node: "missing" })).toMatchObject({ found: false });
    expect(await say({ op: "complete_job", node, job: "j1" })).toMatchObject({ outcome: "completed" });
    expect(await say({ op: "release_job", node, job: "j9" })).toMatchObject({ outcome: "unknown" });
    const wanted = { pool: "a", source: "en", target: "de", services: ["s"], count: 3 };
    expect(await say({ op: "select_nodes", ...wanted })).toMatchObject({ nodes: [node], mode: "normal" });
    const config = { enabled: false, pool_count: 0, hash_seed: 1, fallback_scan_all_pools: true, pools: [] };
    expect(await say({ op: "put_config", config, expected: null })).toMatchObject({ outcome: "stored" });
    const status = await say({ op: "status", contents: true });
    expect(status).toMatchObject({ mode: "normal", connected: true, contents: [{ node }] });
    expect(await say({ op: "offline_node", node })).toMatchObject({ outcome: "offline" });
    expect(await say({ op: "shutdown" })).toEqual({});
    expect(await process.ended).toBe("exit code 0");
  });

  it("refuses what cannot be, definitely, and what it is started with too", async () => {
    const { client } = await begun();
    const refused = { kind: "failed", code: "invalid", definite: true };
    const beat = { op: "heartbeat" as const, node: "", incarnation: "i", seq: 1, metrics: idle, running: [] };
    expect(await client.call(beat, calm)).toMatchObject(refused);
    expect(await client.call({ op: "reserve_job", node: "", job: "j" }, calm)).toMatchObject(refused);
    const other = await start();
    const init = other.client.init({ ...asked, redis: redis.url, settings: { partitions: 2, l1Ttl: -1 } }, 20_000);
    await expect(init).rejects.toThrow("settings.l1Ttl");
    const third = await start();
    const layout = third.client.init({ ...asked, redis: redis.url, settings: { partitions: 3 } }, 20_000);
    await expect(layout).rejects.toThrow("layout_mismatch");
  });

  it("does not answer while it is stopped, continues afterwards, and is gone when it is killed", async () => {
    const { client, process } = await begun();
    await process.pause();
    expect(isStopped(process.pid)).toBe(true);
    expect(await client.call({ op: "status" }, 100)).toMatchObject({ code: "deadline", definite: false });
    process.resume();
    expect(await client.call({ op: "status" }, calm)).toMatchObject({ kind: "answered" });
    await process.pause();
    const under = client.call({ op: "status" }, calm);
    await process.kill();
    expect(await under).toMatchObject({ code: "gone", definite: false });
    expect(identify(process.pid)).toBeUndefined();
    expect(client.end).toBe("SIGKILL");
  });

  it.runIf(process.platform === "linux")("has run time and starvation of its threads from the kernel", async () => {
    const { process } = await begun();
    expect(process.threadTimes()?.get(process.pid)?.ran).toBeGreaterThan(0);
    await process.kill();
    expect(process.threadTimes()).toBeNull();
  });
});

describe("a program that is no system under test", () => {
  const say = (script: string) => lab.program({ name: "other", file: process.execPath, args: ["-e", script] });

  it.each([
    ["prints what is no reply", "process.stdin.once('data', () => console.log('ready'))", "what is no reply"],
    ["ends at once", "process.stderr.write('no license'); process.exit(4)", /exit code 4.*no license/su],
  ])("is refused when it %s", async (_, script, message) => {
    const client = new SutClient({ process: await say(script), name: "instance 0", clock: systemClock });
    await expect(client.init({ ...asked, redis: redis.url }, 20_000)).rejects.toThrow(message);
  });

  it("is refused when there is no such program", async () => {
    await expect(lab.program({ name: "none", file: "/no/such/program", args: [] })).rejects.toThrow("does not start");
  });
});

describe("when the harness is killed", () => {
  const program = fileURLToPath(new URL("./harness-program.ts", import.meta.url));

  it.each(["running", "stopped"])("no instance is left within 5 s, a %s one neither", async (state) => {
    const harness = spawn(process.execPath, [program, state], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => {
      harness.kill("SIGKILL");
    });
    const [line] = await once(createInterface({ input: harness.stdout }), "line");
    const { folder, pids }: { folder: string; pids: number[] } = JSON.parse(String(line));
    expect(pids.map((pid) => identify(pid)?.pid)).toEqual(pids);
    const ended = once(harness, "exit");
    harness.kill("SIGKILL");
    await ended;
    const look = () => (pids.every((pid) => identify(pid) === undefined) && !existsSync(folder) ? true : undefined);
    expect(await waitFor(look, { timeout: 5_000, interval: 10 })).toBe(true);
  });
});
