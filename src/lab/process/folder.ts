/**
 * The private folder of a lab, and the record in it of what the lab has started.
 *
 * The folder's name identifies the owning process, and `servers` inside has a line for every process that the lab started. So the guardian of a lab, or
 * the next lab on this machine, can end the processes of an owner that was killed, and no others.
 */

import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabError, reasonOf } from "../error.ts";
import { endLabProcesses } from "./lab-processes.ts";
import { identify, isAlive, type ProcessIdentity, processNamespace } from "./process.ts";

const prefix = "lockproof-lab";
const recordName = "servers";

/** @throws LabError when the folder for temporary files cannot be written */
export function createLabFolder(): string {
  const owner = identify(process.pid);
  const name = [prefix, processNamespace(), process.pid, owner?.started ?? "0", ""].join("-");
  try {
    return mkdtempSync(join(tmpdir(), name));
  } catch (thrown) {
    throw new LabError({
      found: reasonOf(thrown),
      allowed: "a folder that can be written",
      where: `folder for temporary files ${tmpdir()}`,
      fix: "Make it writable, or name another folder with TMPDIR.",
      cause: thrown,
    });
  }
}

/** Synchronous, so that a server is recorded even if this process is killed right after it started it. */
export function recordServer(folder: string, server: ProcessIdentity): void {
  appendFileSync(join(folder, recordName), `${server.pid} ${server.started}\n`);
}

export function recordedServers(folder: string): readonly ProcessIdentity[] {
  let text: string;
  try {
    text = readFileSync(join(folder, recordName), "utf8");
  } catch {
    return []; // it has started none yet, or the folder has been removed
  }
  return [...text.matchAll(/^(\d+) (\w+)\n/gm)].map(([, pid, started]) => ({
    pid: Number(pid),
    started: started ?? "",
  }));
}

/** Ends every process of the lab that still runs, those that its servers have forked too, and removes its folder. Safe to call twice, and by several at once. */
export function clearLabFolder(folder: string): void {
  endLabProcesses(folder, recordedServers(folder));
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}

/**
 * Clears the folders of labs that no longer have an owner.
 * Folders of other users, and of processes that cannot be seen from here (another container), are left alone.
 */
export function sweepLeftovers(): void {
  for (const name of namesIn(tmpdir())) {
    const owner = ownerIn(name);
    const folder = join(tmpdir(), name);
    if (owner === undefined || isAlive(owner) || !isOurs(folder)) continue;
    try {
      clearLabFolder(folder);
    } catch {
      // A folder that cannot be removed stays for the next sweep.
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // creating the lab's own folder fails next, with the reason
  }
}

function ownerIn(name: string): ProcessIdentity | undefined {
  const match = /^lockproof-lab-(\d+)-(\d+)-(\w+)-\w+$/.exec(name);
  if (match === null || match[1] !== processNamespace()) return undefined;
  return { pid: Number(match[2]), started: match[3] ?? "" };
}

function isOurs(folder: string): boolean {
  try {
    return process.getuid === undefined || statSync(folder).uid === process.getuid();
  } catch {
    return false; // another sweep was faster
  }
}
