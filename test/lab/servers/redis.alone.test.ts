import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { LabError } from "../../../src/lab/error.ts";
import { type Lab, openLab } from "../../../src/lab/lab.ts";
import { freePort, PortTakenError } from "../../../src/lab/process/port.ts";
import { identify, isStopped } from "../../../src/lab/process/process.ts";
import { askRedis } from "../../../src/lab/servers/redis-wire.ts";

/** Milliseconds; only a server that does not answer at all takes as long. */
const patience = 5_000;

let lab: Lab;

beforeAll(async () => {
  lab = await openLab();
  await lab.redisBinary();
});
afterAll(() => lab.close());

async function replicationId(port: number): Promise<string> {
  const info = await askRedis(port, ["INFO", "replication"], patience);
  return /master_replid:(\w+)/.exec(info)?.[1] ?? "";
}

describe("a redis-server of a lab", () => {
  it("answers once it is started, on loopback alone, without persistence", async () => {
    const redis = await lab.redis();
    expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`);
    await expect(askRedis(redis.port, ["PING"], patience)).resolves.toBe("+PONG");
    const info = await askRedis(redis.port, ["INFO", "server"], patience);
    expect(info).toContain(`redis_version:${redis.version}\r\n`);
    expect(info).toContain(`process_id:${redis.pid}\r\n`);
    const persistence = await askRedis(redis.port, ["INFO", "persistence"], patience);
    expect(persistence).toContain("aof_enabled:0\r\n");
    await askRedis(redis.port, ["SET", "key", "lost"], patience);
    await redis.stop();
    await redis.start();
    await expect(askRedis(redis.port, ["DBSIZE"], patience)).resolves.toBe(":0");
  });

  it("comes back on its port with its data and another replication id", async () => {
    const redis = await lab.redis();
    const { port, pid } = redis;
    const former = await replicationId(port);
    await askRedis(port, ["SET", "key", "kept"], patience);
    await redis.restart({ keepData: true });
    await expect(askRedis(port, ["GET", "key"], patience)).resolves.toBe("$kept");
    expect(redis.port).toBe(port);
    expect(redis.pid).not.toBe(pid);
    expect(identify(pid)).toBeUndefined();
    expect(await replicationId(port)).not.toBe(former);
  });

  it("lets a caller measure what a start takes of the thread", async () => {
    await using redis = await lab.redis();
    const starts: unknown[] = [];
    redis.measureStarts((work) => {
      const started = work();
      starts.push(started);
      return started;
    });
    await redis.restart({ keepData: false });
    expect(starts).toEqual([expect.any(Promise)]);
  });

  it("comes back empty, also after an earlier restart with its data", async () => {
    const redis = await lab.redis();
    await askRedis(redis.port, ["SET", "key", "lost"], patience);
    await redis.restart({ keepData: true });
    const former = await replicationId(redis.port);
    await redis.restart({ keepData: false });
    await expect(askRedis(redis.port, ["GET", "key"], patience)).resolves.toBe("$");
    expect(await replicationId(redis.port)).not.toBe(former);
  });

  it("can be restarted in every state: running, paused, killed, stopped", async () => {
    const redis = await lab.redis();
    await askRedis(redis.port, ["SET", "key", "kept"], patience);
    await redis.pause();
    await redis.restart({ keepData: true });
    await redis.kill();
    await redis.restart({ keepData: true });
    await expect(askRedis(redis.port, ["GET", "key"], patience)).resolves.toBe("$kept");
    await redis.pause();
    await redis.restart({ keepData: false });
    await redis.stop();
    await redis.restart({ keepData: false });
    await expect(askRedis(redis.port, ["DBSIZE"], patience)).resolves.toBe(":0");
  });

  it("is gone once it is killed or stopped, paused or not, and starts again", async () => {
    const redis = await lab.redis();
    for (const state of ["running", "paused"]) {
      for (const end of ["kill", "stop"] as const) {
        const { pid } = redis;
        if (state === "paused") await redis.pause();
        await redis[end]();
        expect(identify(pid), `${state}, ${end}`).toBeUndefined();
        expect(redis.isRunning).toBe(false);
        await expect(askRedis(redis.port, ["PING"], patience)).rejects.toThrow("ECONNREFUSED");
        await redis.start();
        expect(redis.isRunning).toBe(true);
      }
    }
  });

  it("answers nothing while it is paused, and runs afterwards the commands received meanwhile", async () => {
    const redis = await lab.redis();
    await redis.pause();
    expect(isStopped(redis.pid)).toBe(true);
    await expect(askRedis(redis.port, ["INCR", "key"], 50)).rejects.toThrow("no answer within 50 ms");
    redis.resume();
    await expect(askRedis(redis.port, ["INCR", "key"], patience)).resolves.toBe(":2");
  });

  it("takes further options, which win", async () => {
    const redis = await lab.redis({ args: ["--maxmemory", "64mb", "--requirepass", "secret"] });
    await expect(askRedis(redis.port, ["PING"], patience)).resolves.toMatch(/^-NOAUTH/);
  });

  it("takes the port that is asked for, and refuses one that is in use", async () => {
    const redis = await lab.redis();
    await expect(lab.redis({ port: redis.port })).rejects.toThrow(PortTakenError);
    const { port } = redis;
    await redis.kill();
    await expect(lab.redis({ port })).resolves.toMatchObject({ port, isRunning: true });
  });

  it("reports what its log says when it does not start", async () => {
    const refusal = await lab.redis({ args: ["--no-such-option", "1"] }).catch((thrown: unknown) => thrown);
    expect(refusal).toBeInstanceOf(LabError);
    expect(String(refusal)).toMatch(/no-such-option/);
  });

  it("is not had from a program that is something else", async () => {
    await using other = await openLab({ redisServer: process.execPath });
    await expect(other.redis()).rejects.toThrow(/not a redis-server/);
  });

  it("reports a command that is not answered with OK", async () => {
    const redis = await lab.redis();
    await expect(redis.execute("SET", "key")).rejects.toThrow(/wrong number of arguments.*SET key/);
  });

  it("runs beside others at the same time", async () => {
    const several = await Promise.all([lab.redis(), lab.redis(), lab.redis(), lab.redis()]);
    expect(new Set(several.map((redis) => redis.port)).size).toBe(4);
    expect(new Set(several.map((redis) => redis.dir)).size).toBe(4);
  });

  it("is back after kill and restart in at most twice the time that a server takes to start and end, in the middle of 9 times", async () => {
    const redis = await lab.redis();
    const { path } = await lab.redisBinary();
    const ratios: number[] = [];
    for (let round = 0; round < 9; round++) {
      const from = performance.now();
      await redis.restart({ keepData: false });
      const took = performance.now() - from;
      ratios.push(took / (await timeToReady(path)));
    }
    expect(ratios.toSorted((a, b) => a - b)[4]).toBeLessThan(2);
  });
});

/** Milliseconds that a server takes until its log says that it takes connections, and to be gone: what no lab can save. */
async function timeToReady(path: string): Promise<number> {
  const from = performance.now();
  const server = spawn(path, ["--bind", "127.0.0.1", "--port", String(await freePort()), "--save", ""]);
  onTestFinished(() => void server.kill("SIGKILL"));
  for await (const line of createInterface({ input: server.stdout })) if (/Ready to accept/.test(line)) break;
  server.kill("SIGKILL");
  await once(server, "close");
  return performance.now() - from;
}
