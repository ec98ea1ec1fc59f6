/** Removes everything when the process that opened a lab ends: by itself, by a signal, by an exception, or by SIGKILL. */

import { type ChildProcess, spawn } from "node:child_process";
import { programPath } from "../program.ts";
import { clearLabFolder } from "./folder.ts";
import { trySignal } from "./process.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** A test runner may load this module more than once in one process: the listeners of all its copies are ours. */
const ours = Symbol.for("lockproof.lab");
const guarded = new Map<string, ChildProcess>();
/** Groups of commands that are waited for, by the id of their leader. */
const commands = new Set<number>();
let isInstalled = false;

/**
 * From now on the folder is cleared when this process ends.
 *
 * - `process.exit`, an uncaught exception, the end of the program: by a listener for `exit`.
 * - SIGINT, SIGTERM, SIGHUP: where the host listens for the signal itself, it decides what happens, and the `exit` listener does the rest;
 *   where there is no other listener, the folder is cleared and the signal raised again, so that the process ends by it as it would have.
 * - SIGKILL: by a guardian, a small process that waits for this one to end.
 */
export function guardFolder(folder: string): void {
  install();
  guarded.set(folder, startGuardian(folder));
}

/** Clears the folder now; the guardian has nothing left to do and ends. */
export function releaseFolder(folder: string): void {
  clearLabFolder(folder);
  guarded.get(folder)?.stdin?.end();
  guarded.delete(folder);
}

/** From now on the group is ended when this process ends. @returns for when the command has ended by itself */
export function guardCommand(leader: number): () => void {
  install();
  commands.add(leader);
  return () => void commands.delete(leader);
}

function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  process.on("exit", clearAll);
  // First in line: a host's listener for one occasion is gone from the list once it has run.
  for (const signal of signals) process.prependListener(signal, onSignal);
}

function clearAll(): void {
  for (const leader of commands) trySignal(-leader, "SIGKILL");
  for (const folder of [...guarded.keys()]) {
    try {
      releaseFolder(folder);
    } catch {
      // Go on with the other labs. The guardian of this one, and the sweep of the next lab, try again.
    }
  }
}

function onSignal(signal: NodeJS.Signals): void {
  if (process.listeners(signal).some((listener) => !(ours in listener))) return;
  clearAll();
  process.off(signal, onSignal);
  process.kill(process.pid, signal);
}

Object.assign(onSignal, { [ours]: true });

/** Detached, so that a Ctrl-C in a terminal, which goes to the whole group, does not end it before it has done its work. */
function startGuardian(folder: string): ChildProcess {
  const guardian = spawn(process.execPath, [programPath("process/guardian"), folder], {
    cwd: "/",
    detached: true,
    env: {},
    stdio: ["pipe", "ignore", "ignore"],
  });
  guardian.on("error", () => undefined); // the exit listener and the next lab's sweep still hold
  guardian.stdin?.on("error", () => undefined);
  guardian.unref();
  unrefStream(guardian.stdin);
  return guardian;
}

/** A pipe to a child is a socket, which has `unref`; its type does not say so. */
function unrefStream(stream: unknown): void {
  if (typeof stream !== "object" || stream === null || !("unref" in stream)) return;
  if (typeof stream.unref === "function") stream.unref();
}
