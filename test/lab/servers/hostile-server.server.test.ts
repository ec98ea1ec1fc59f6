// @module-tag slow
/** Programs that are named as a server and do something else: the lab refuses them, and ends all that they have started. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { LabError } from "../../../src/lab/error.ts";
import { type Lab, openLab } from "../../../src/lab/lab.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";
import { tempFolder, writeProgram } from "../process/temp-folder.ts";

type Server = "redis-server" | "toxiproxy-server";

const said: Readonly<Record<Server, string>> = {
  "redis-server": "Redis server v=7.0.15 sha=0",
  "toxiproxy-server": "toxiproxy-server version 2.12.0",
};

let programs = 0;

/** The program's child sleeps for so many seconds, by which it is found again. */
interface Hostile {
  readonly path: string;
  readonly seconds: string;
}

async function hostile(server: Server, script: string): Promise<Hostile> {
  programs += 1;
  const seconds = `${86_400 + programs}.${process.pid}`;
  const path = join(await tempFolder(), server);
  const lines = script.replaceAll("SLEEP", `sleep ${seconds}`);
  await writeProgram(path, `case "$*" in --version) echo "${said[server]}"; exit 0;; esac`, lines);
  return { path, seconds };
}

function left(seconds: string): readonly string[] {
  return readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0").includes(seconds);
    } catch {
      return false;
    }
  });
}

const noneLeft = (seconds: string) =>
  waitFor(() => (left(seconds).length === 0 ? true : undefined), { timeout: 5_000, interval: 20 });

function start(lab: Lab, server: Server): Promise<unknown> {
  return server === "redis-server" ? lab.redis() : lab.toxiproxy();
}

const scripts: readonly (readonly [what: string, script: string, message: RegExp])[] = [
  ["goes into the background", "setsid SLEEP >/dev/null 2>&1 &", /ended/],
  ["goes into the background twice, without its environment", "env -i setsid sh -c 'SLEEP & ' & sleep 0.1", /ended/],
  ["hangs, with a child, deaf to SIGTERM", "trap '' TERM; SLEEP & SLEEP", /did not answer within/],
  ["hangs beside a child in another session", "env -i setsid SLEEP & exec SLEEP", /did not answer within/],
  ["fails after it has left something", "SLEEP & echo no >&2; exit 3", /ended/],
];

// Processes are found through /proc, and the scripts use setsid, so these tests need Linux.
describe.concurrent("a program that", () => {
  const cases = (["redis-server", "toxiproxy-server"] as const).flatMap((server) =>
    scripts.map(([what, script, message]) => ({ server, what, script, message })),
  );

  it.each(cases)(
    "$what, named as $server, is refused, and nothing is left of it",
    async (given) => {
      const { path, seconds } = await hostile(given.server, given.script);
      const option = given.server === "redis-server" ? { redisServer: path } : { toxiproxyServer: path };
      const lab = await openLab(option);
      const error = await start(lab, given.server).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(LabError);
      expect((error as LabError).message).toMatch(given.message);
      await lab.close();
      expect(left(seconds)).toEqual([]);
    },
    30_000,
  );

  it("writes without end is ended, and its message is short", async () => {
    const { path } = await hostile("redis-server", "exec yes");
    await using lab = await openLab({ redisServer: path });
    const error = await lab.redis().catch((thrown: unknown) => thrown);
    expect((error as LabError).message).toMatch(/has written more than 64 MiB/);
    expect((error as LabError).message.length).toBeLessThan(4_000);
    expect(statSync(join(lab.folder, "redis-server-1", "server.log")).size).toBeLessThan(2 ** 31);
  }, 30_000);

  it("says that it is one process and runs as another is refused with both", async () => {
    await using own = await openLab();
    const real = (await own.redisBinary()).path;
    const { path } = await hostile("redis-server", `${real} "$@"`);
    await using lab = await openLab({ redisServer: path });
    await expect(lab.redis()).rejects.toThrow(/runs as process \d+, not as process \d+ that was started/);
  }, 30_000);

  it("hangs in --version, with a child that keeps its output, is given up within its timeout", async () => {
    const { path, seconds } = await hostile("redis-server", "");
    await writeProgram(path, `sleep ${seconds} & sleep ${seconds}`);
    await using lab = await openLab({ redisServer: path });
    const begun = performance.now();
    await expect(lab.redis()).rejects.toThrow(/took longer than 10000 ms/);
    expect(performance.now() - begun).toBeLessThan(15_000);
    expect(left(seconds)).toEqual([]);
  }, 30_000);

  it("ends --version and leaves a child that keeps its output does not keep the lab waiting", async () => {
    const { path, seconds } = await hostile("redis-server", "");
    await writeProgram(path, `setsid sleep ${seconds} &`, "echo nothing", "exit 1");
    const lab = await openLab({ redisServer: path });
    const begun = performance.now();
    await expect(lab.redis()).rejects.toThrow(/not a redis-server/);
    expect(performance.now() - begun).toBeLessThan(8_000);
    await lab.close();
    expect(left(seconds)).toEqual([]);
  }, 30_000);

  it.each([
    ["starts", "env -i setsid SLEEP & exec SLEEP"],
    ["asks for its version", null],
  ])(
    "forks leaves nothing when a run is killed that %s",
    async (_, script) => {
      const { path, seconds } = await hostile("redis-server", script ?? "");
      if (script === null) await writeProgram(path, `setsid sleep ${seconds} & sleep ${seconds}`);
      const child: ChildProcess = spawn(process.execPath, [
        fileURLToPath(new URL("../../../src/cli/lockproof.js", import.meta.url)),
        ...["conform", "--runs", "1", "--redis-server", path],
      ]);
      const isUp = () => (left(seconds).length >= 2 ? true : undefined);
      expect(await waitFor(isUp, { timeout: 60_000, interval: 20 })).toBe(true);
      child.kill("SIGKILL");
      expect(await noneLeft(seconds)).toBe(true);
    },
    30_000,
  );
});
