import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { LabError } from "../../../src/lab/error.ts";
import {
  clearLabFolder,
  createLabFolder,
  recordedServers,
  recordServer,
  sweepLeftovers,
} from "../../../src/lab/process/folder.ts";
import { identify, processNamespace } from "../../../src/lab/process/process.ts";
import { tempFolder } from "./temp-folder.ts";

let tmp = "";

beforeEach(async () => {
  tmp = await tempFolder();
  vi.stubEnv("TMPDIR", tmp);
});
afterEach(() => vi.unstubAllEnvs());

async function folderOf(pid: number, started: string, namespace = processNamespace()): Promise<string> {
  const folder = join(tmp, `lockproof-lab-${namespace}-${pid}-${started}-AbC123`);
  await mkdir(folder);
  return folder;
}

function startServer() {
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

describe("a lab's folder", () => {
  it("gives back the servers recorded in it", () => {
    const folder = createLabFolder();
    expect(recordedServers(folder)).toEqual([]);
    const servers = [
      { pid: 12, started: "345" },
      { pid: 67, started: "Mon24Nov" },
    ];
    for (const server of servers) recordServer(folder, server);
    expect(recordedServers(folder)).toEqual(servers);
  });

  it("is cleared with its servers, and again without harm", async () => {
    const folder = createLabFolder();
    const child = startServer();
    const server = identify(child.pid ?? 0);
    expect(server).toBeDefined();
    if (server === undefined) return;
    recordServer(folder, server);
    clearLabFolder(folder);
    await expect(once(child, "exit")).resolves.toEqual([null, "SIGKILL"]);
    expect(existsSync(folder)).toBe(false);
    clearLabFolder(folder);
  });

  it("does not trust half a line at the end of its record", async () => {
    const folder = createLabFolder();
    recordServer(folder, { pid: 12, started: "345" });
    await appendFile(join(folder, "servers"), "67 8");
    expect(recordedServers(folder)).toEqual([{ pid: 12, started: "345" }]);
  });

  it("cannot be made where temporary files have no folder, and the error says so", async () => {
    const file = join(tmp, "file");
    await writeFile(file, "");
    vi.stubEnv("TMPDIR", file);
    expect(() => createLabFolder()).toThrow(LabError);
    expect(() => createLabFolder()).toThrow(/ENOTDIR.*TMPDIR/);
  });
});

describe("the sweep", () => {
  it("clears what a dead owner has left, its servers included", async () => {
    const folder = await folderOf(process.pid, "1");
    const child = startServer();
    const server = identify(child.pid ?? 0);
    if (server !== undefined) recordServer(folder, server);
    sweepLeftovers();
    await expect(once(child, "exit")).resolves.toEqual([null, "SIGKILL"]);
    expect(existsSync(folder)).toBe(false);
  });

  it("ends no process that only has the id of a server", async () => {
    const folder = await folderOf(process.pid, "1");
    const child = startServer();
    recordServer(folder, { pid: child.pid ?? 0, started: "1" });
    sweepLeftovers();
    expect(existsSync(folder)).toBe(false);
    expect(identify(child.pid ?? 0)).toBeDefined();
  });

  it("leaves the labs of living owners, of other containers, and what is not a lab", async () => {
    const kept = [
      createLabFolder(),
      await folderOf(process.pid, "1", "99"),
      join(tmp, "lockproof-lab-notes"),
      join(tmp, "other"),
    ];
    for (const folder of kept) await mkdir(folder, { recursive: true });
    sweepLeftovers();
    for (const folder of kept) expect(existsSync(folder), folder).toBe(true);
  });
});
