/** Whatever ends a run in the middle of a fault, nothing of it is left: no process, stopped or not, and no folder. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { openLab } from "../../../src/lab/lab.ts";
import { recordedServers } from "../../../src/lab/process/folder.ts";
import { identify, isAlive, isStopped } from "../../../src/lab/process/process.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";
import { openFaultWorld } from "./fault-world.ts";

const program = fileURLToPath(new URL("./faulty-host.ts", import.meta.url));
const patient = { timeout: 5_000, interval: 10 };
const long = 60_000;

beforeAll(async () => {
  await using lab = await openLab();
  await lab.redisBinary();
  await lab.toxiproxyBinary();
});

const paused: Fault = { kind: "redis_pause", at: 0, lasts: long };
const split: Fault = { kind: "redis_split_brain", at: 0, lasts: long, instances: [0] };
const migrating: Fault = { kind: "slot_migration", at: 0, lasts: long, partition: 0 };

describe("a run that is ended in the middle of a fault", () => {
  it.each([
    ["single", "SIGINT", paused],
    ["single", "SIGKILL", paused],
    ["sentinel", "SIGKILL", split],
    ["cluster", "SIGINT", migrating],
  ] as const)("on %s by %s leaves nothing", async (topology, signal, fault) => {
    const child = spawn(process.execPath, [program, JSON.stringify(fault), topology], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = once(child, "exit");
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { folder, pids }: { folder: string; pids: number[] } = JSON.parse(String((await lines.next()).value));
    expect(pids.filter((pid) => identify(pid) !== undefined)).toHaveLength(pids.length);
    expect(pids.filter(isStopped)).toHaveLength(fault.kind === "redis_pause" ? 1 : 0);
    const recorded = recordedServers(folder);
    expect(recorded.length).toBeGreaterThan(pids.length); // Toxiproxy too
    child.kill(signal);
    await ended;
    const isGone = () => (recorded.some(isAlive) || existsSync(folder) ? undefined : true);
    expect(await waitFor(isGone, patient)).toBe(true);
  });

  it("by an error leaves nothing either", async () => {
    const lab = await openLab();
    const failing = async (): Promise<void> => {
      await using stack = new AsyncDisposableStack();
      const { inject, servers } = await openFaultWorld(lab, stack);
      const stopped = new AbortController();
      const { begun, ended } = inject(paused, stopped.signal);
      ended.catch(() => {}); // it ends with its world
      await begun;
      expect(isStopped(servers.primary.pid)).toBe(true);
      stopped.abort();
      throw new Error("on purpose");
    };
    await expect(failing()).rejects.toThrow("on purpose");
    const recorded = recordedServers(lab.folder);
    expect(recorded).toHaveLength(2);
    expect(recorded.filter(isAlive)).toEqual([]);
    await lab.close();
    expect(existsSync(lab.folder)).toBe(false);
  });
});
