/**
 * Finds the processes that a lab has started, also those that a program has forked and that have left its group and its session.
 * A process belongs to a lab if one of these holds:
 *
 * - it descends from a living process that the lab has recorded, or is in its session;
 * - its environment names the lab, which children inherit;
 * - it works in the lab's folder and has no terminal: redis-server overwrites its environment, and changes into the folder it is given.
 */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { endProcess, isAlive, type ProcessIdentity, type ProcessStatus, statusFromProc } from "./process.ts";

/** The environment variable that names the lab's folder to every program of a lab. */
const labVariable = "LOCKPROOF_LAB";

export function labEnvironment(folder: string): Readonly<Record<string, string>> {
  return { [labVariable]: folder };
}

/** A program may fork while its processes are looked for, so they are looked for again until none is found. */
const mostPasses = 100;
/** Milliseconds for the kernel to end what was killed. */
const pause = 5;

/** Ends all processes of a lab, stopped ones too. Blocks for half a second at most. Without /proc: what is recorded, and its groups. */
export function endLabProcesses(folder: string, recorded: readonly ProcessIdentity[]): void {
  for (let pass = 0; pass < mostPasses; pass += 1) {
    const found = [...recorded.filter(isAlive), ...processesOf(folder, recorded)];
    if (found.length === 0) return;
    for (const each of found) endProcess(each);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
  }
}

/** @returns those that are alive, without this process; empty on a system without /proc */
function processesOf(folder: string, recorded: readonly ProcessIdentity[]): readonly ProcessIdentity[] {
  const all = runningProcesses();
  const roots = new Set(recorded.filter(isAlive).map(({ pid }) => pid));
  const descends = (pid: number): boolean => {
    const seen = new Set<number>();
    for (let at = pid; at > 1 && !seen.has(at); at = all.get(at)?.parent ?? 0) {
      if (roots.has(at)) return true;
      seen.add(at);
    }
    return false;
  };
  return [...all].flatMap(([pid, { started, session, terminal }]) => {
    if (pid === process.pid) return [];
    const isOurs =
      roots.has(session) || descends(pid) || namesLab(pid, folder) || (terminal === 0 && worksIn(pid, folder));
    return isOurs ? [{ pid, started }] : [];
  });
}

function runningProcesses(): ReadonlyMap<number, ProcessStatus> {
  const running = new Map<number, ProcessStatus>();
  for (const name of read(() => readdirSync("/proc"), [])) {
    const status = /^\d+$/.test(name) ? statusFromProc(Number(name)) : undefined;
    if (status !== undefined && status.state !== "Z" && status.state !== "X") running.set(Number(name), status);
  }
  return running;
}

function namesLab(pid: number, folder: string): boolean {
  const entry = `${labVariable}=${folder}`;
  return read(() => readFileSync(`/proc/${pid}/environ`, "utf8"), "")
    .split("\0")
    .includes(entry);
}

function worksIn(pid: number, folder: string): boolean {
  const working = read(() => readlinkSync(`/proc/${pid}/cwd`), "");
  return working === folder || working.startsWith(`${folder}/`);
}

/** A process that cannot be read has ended, or belongs to another user: either way it is not the lab's. */
function read<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
