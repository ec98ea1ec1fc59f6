// @module-tag slow
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { LabError } from "../../../src/lab/error.ts";
import { openLab } from "../../../src/lab/lab.ts";
import { recordedServers } from "../../../src/lab/process/folder.ts";
import { identify, isStopped } from "../../../src/lab/process/process.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";

const program = fileURLToPath(new URL("./host.ts", import.meta.url));
/** The promise of docs/lab.md for an owner that was killed, ms. */
const timeout = 5_000;

interface Started {
  readonly folder: string;
  readonly pids: readonly number[];
}

interface Host extends Started {
  readonly child: ChildProcess;
  /** Exit code and signal; asked for before the end, so that it cannot be missed. */
  readonly ended: Promise<unknown>;
  nextLine(): Promise<string>;
}

async function startHost(...args: readonly string[]): Promise<Host> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => String((await lines.next()).value);
  const { folder, pids }: Started = JSON.parse(await nextLine());
  return { child, folder, pids, ended, nextLine };
}

async function isAllGone({ folder, pids }: Started): Promise<boolean> {
  const gone = await waitFor(
    () => (pids.every((pid) => identify(pid) === undefined) && !existsSync(folder) ? true : undefined),
    { timeout, interval: 10 },
  );
  return gone === true;
}

beforeAll(async () => {
  // Provides the servers, so that no host has to while its test waits.
  await using lab = await openLab();
  await lab.redisBinary();
  await lab.toxiproxyBinary();
});

describe("when the process that opened a lab ends", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "by %s, nothing is left and it ends by that signal",
    async (signal) => {
      const host = await startHost("wait");
      host.child.kill(signal);
      await expect(host.ended).resolves.toEqual([null, signal]);
      expect(existsSync(host.folder), "its own cleanup, not the guardian's").toBe(false);
      await expect(isAllGone(host)).resolves.toBe(true);
    },
  );

  it.each([
    ["throw", 1],
    ["exit", 7],
    ["return", 0],
  ])("by %s, nothing is left and its exit code is %i", async (ending, exitCode) => {
    const host = await startHost(ending);
    await expect(host.ended).resolves.toEqual([exitCode, null]);
    expect(existsSync(host.folder), "its own cleanup, not the guardian's").toBe(false);
    await expect(isAllGone(host)).resolves.toBe(true);
  });

  it.each(["running", "paused"])("by SIGKILL, nothing is left within 5 s, with a %s server", async (state) => {
    const host = await startHost("wait", state);
    host.child.kill("SIGKILL");
    await expect(host.ended).resolves.toEqual([null, "SIGKILL"]);
    await expect(isAllGone(host)).resolves.toBe(true);
  });

  it.each([
    ["sentinel", "SIGKILL"],
    ["sentinel", "SIGINT"],
    ["cluster", "SIGKILL"],
    ["cluster", "SIGINT"],
  ] as const)("nothing is left of a %s with all its servers stopped, by %s", async (topology, signal) => {
    const host = await startHost("wait", "paused", topology);
    expect(host.pids.length).toBe(topology === "sentinel" ? 6 : 7);
    expect(host.pids.filter(isStopped)).toHaveLength(host.pids.length - 1); // the last is the Toxiproxy
    host.child.kill(signal);
    await expect(host.ended).resolves.toEqual([null, signal]);
    await expect(isAllGone(host)).resolves.toBe(true);
  });

  it("by SIGINT with a paused server, nothing is left", async () => {
    const host = await startHost("wait", "paused");
    host.child.kill("SIGINT");
    await expect(host.ended).resolves.toEqual([null, "SIGINT"]);
    await expect(isAllGone(host)).resolves.toBe(true);
  });

  it.each(["on", "once"])(
    "by its own handler for a signal (%s), its servers run until it has decided",
    async (manner) => {
      const host = await startHost("own_handler", manner);
      host.child.kill("SIGINT");
      await expect(host.nextLine()).resolves.toBe('{"isRunning":true}');
      await expect(host.ended).resolves.toEqual([5, null]);
      await expect(isAllGone(host)).resolves.toBe(true);
    },
  );
});

describe("closing a lab", () => {
  it("ends its servers, paused ones too, and removes its folder", async () => {
    const lab = await openLab();
    const redis = await lab.redis();
    const toxiproxy = await lab.toxiproxy();
    await redis.pause();
    const started = { folder: lab.folder, pids: [redis.pid, toxiproxy.pid] };
    expect(existsSync(lab.folder)).toBe(true);
    await lab.close();
    expect(started.pids.map(identify)).toEqual([undefined, undefined]);
    expect(existsSync(lab.folder)).toBe(false);
  });

  it("also ends a server that was about to start, and starts no other", async () => {
    const lab = await openLab();
    await lab.redisBinary();
    const starting = lab.redis();
    const server = await waitFor(() => recordedServers(lab.folder)[0], { timeout, interval: 1 });
    expect(server).toBeDefined();
    await Promise.all([lab.close(), expect(starting).rejects.toThrow(LabError)]);
    expect(identify(server?.pid ?? 0)).toBeUndefined();
    await expect(lab.redis()).rejects.toThrow("a lab that has been closed");
    expect(existsSync(lab.folder)).toBe(false);
  });

  it("leaves other labs alone", async () => {
    await using other = await openLab();
    const redis = await other.redis();
    await (await openLab()).close();
    expect(existsSync(other.folder)).toBe(true);
    expect(redis.isRunning).toBe(true);
  });
});
