/**
 * A process and the moment at which it started: together they identify it for good, since process ids are reused.
 * Signals go to such pairs only, never to a name.
 */

import { spawnSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** Letters and digits, comparable for equality only: clock ticks since boot on Linux, else what `ps` prints. */
  readonly started: string;
}

export interface ProcessStatus {
  readonly state: string;
  readonly started: string;
  /** The ids of its parent, and of the leader of its session. */
  readonly parent: number;
  readonly session: number;
  /** 0: none. */
  readonly terminal: number;
}

/** @returns nothing when there is no such process, or only a zombie */
export function identify(pid: number): ProcessIdentity | undefined {
  const status = statusOf(pid);
  if (status === undefined || status.state === "Z" || status.state === "X") return undefined;
  return { pid, started: status.started };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.started === identity.started;
}

/** Stopped by SIGSTOP, as a paused server is. */
export function isStopped(pid: number): boolean {
  return statusOf(pid)?.state === "T";
}

/**
 * Ends this process, stopped or not, and the processes of its group where it leads one, as the lab's servers do. A later process with the
 * same id is left alone.
 */
export function endProcess(identity: ProcessIdentity): void {
  if (!isAlive(identity)) return;
  for (const target of [-identity.pid, identity.pid]) {
    trySignal(target, "SIGKILL");
    trySignal(target, "SIGCONT");
  }
}

/** @param pid below 0: the group that it leads */
export function trySignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // it has ended, or belongs to another user
  }
}

/** Identifies the PID namespace: in another container the same id means another process. */
export function processNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid").replace(/\D/g, "");
  } catch {
    return "0";
  }
}

function statusOf(pid: number): Pick<ProcessStatus, "state" | "started"> | undefined {
  return process.platform === "linux" ? statusFromProc(pid) : statusFromPs(pid);
}

/** @returns nothing where there is no such process, or no /proc */
export function statusFromProc(pid: number): ProcessStatus | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The command name is in parentheses and may hold anything: what follows the last one is regular.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state, parent, , session, terminal] = fields;
    const started = fields[19];
    if (state === undefined || started === undefined) return undefined;
    return { state, started, parent: Number(parent), session: Number(session), terminal: Number(terminal) };
  } catch {
    return undefined;
  }
}

function statusFromPs(pid: number): Pick<ProcessStatus, "state" | "started"> | undefined {
  const { status, stdout } = spawnSync("ps", ["-o", "state=,lstart=", "-p", String(pid)], { encoding: "utf8" });
  const [state, ...started] = stdout?.trim().split(/\s+/) ?? [];
  if (status !== 0 || state === undefined || state === "") return undefined;
  return { state: state.charAt(0), started: started.join("").replace(/\W/g, "") };
}
