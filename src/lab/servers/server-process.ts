/** A running server program: started with its output in a file, signalled, awaited. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, closeSync, openSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { LabError, reasonOf } from "../error.ts";
import { recordServer } from "../process/folder.ts";
import { labEnvironment } from "../process/lab-processes.ts";
import { identify, isStopped, trySignal } from "../process/process.ts";
import { waitFor } from "../process/wait.ts";

export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  /** Its working directory. */
  readonly dir: string;
  /** Where its output is appended. */
  readonly logFile: string;
  /** The lab's folder, in which it is recorded. */
  readonly labFolder: string;
}

/** The lab's input to a server. */
export interface ServerPlace {
  readonly program: string;
  readonly version: string;
  /** For this server alone. */
  readonly dir: string;
  readonly labFolder: string;
}

const gentleTimeout = 5_000;
/** A run's log takes some kilobytes. */
const mostLogBytes = 64 * 2 ** 20;
/** Milliseconds between two looks at a log's size. */
const logInterval = 200;

export class ServerProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.pid = pid;
    this.#ended = once(child, "exit");
    // The processes that it has started must not outlive it.
    child.once("exit", () => trySignal(-pid, "SIGKILL"));
    child.unref();
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** `SIGKILL` or `exit code 1`; null while it runs. */
  get ending(): string | null {
    const { exitCode, signalCode } = this.#child;
    return signalCode ?? (exitCode === null ? null : `exit code ${exitCode}`);
  }

  /** SIGKILL to it and to its group, stopped or not; resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.hasEnded) return;
    this.#child.ref();
    this.#killGroup();
    await this.#ended;
  }

  /** SIGTERM, to a paused one after waking it; SIGKILL if it has not ended within 5 s. Resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.hasEnded) return;
    this.#child.ref();
    this.resume();
    this.#child.kill("SIGTERM");
    const killed = setTimeout(() => this.#killGroup(), gentleTimeout);
    await this.#ended;
    clearTimeout(killed);
  }

  /** It leads a group, since it was started detached. */
  #killGroup(): void {
    trySignal(-this.pid, "SIGKILL");
    this.#child.kill("SIGKILL");
  }

  /** SIGSTOP; resolves when it has stopped (on systems without /proc: when the signal is sent). */
  async pause(): Promise<void> {
    if (!trySignal(this.pid, "SIGSTOP") || process.platform !== "linux") return;
    await waitFor(() => (isStopped(this.pid) || this.hasEnded ? true : undefined), { timeout: 1_000, interval: 1 });
  }

  resume(): void {
    if (!this.hasEnded) this.#child.kill("SIGCONT");
  }
}

/** @throws LabError when the program cannot be started */
export async function launchServer(launch: Launch): Promise<ServerProcess> {
  const { child, pid } = await launchRecorded(launch, "ignore");
  return new ServerProcess(child, pid);
}

/**
 * Its input and output are closed, or a pipe each; its stderr goes to the log in any case.
 * Detached, so that a Ctrl-C in a terminal reaches the owner alone, which then ends its servers in its own order.
 * @throws LabError when the program cannot be started
 */
export async function launchRecorded(
  launch: Launch,
  talk: "ignore" | "pipe",
): Promise<{ readonly child: ChildProcess; readonly pid: number }> {
  const log = openSync(launch.logFile, "a");
  const child = spawn(launch.file, [...launch.args], {
    cwd: launch.dir,
    detached: true,
    env: { ...process.env, ...labEnvironment(launch.labFolder) },
    stdio: [talk, talk === "pipe" ? talk : log, log],
  });
  closeSync(log);
  if (child.pid === undefined) throw notStarted(launch.file, talk, await once(child, "error"));
  const identity = identify(child.pid);
  try {
    if (identity !== undefined) recordServer(launch.labFolder, identity);
  } catch (thrown) {
    child.kill("SIGKILL"); // a server that is not recorded might be left behind
    throw thrown;
  }
  boundLog(child, child.pid, launch.logFile);
  return { child, pid: child.pid };
}

/** Ends a server that writes without end before it fills the disk. */
function boundLog(child: ChildProcess, pid: number, logFile: string): void {
  const watch = setInterval(() => {
    const bytes = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
    if (bytes <= mostLogBytes) return;
    trySignal(-pid, "SIGKILL");
    clearInterval(watch);
    appendFileSync(
      logFile,
      `\nlockproof ended this server: it has written more than ${mostLogBytes / 2 ** 20} MiB here\n`,
    );
  }, logInterval);
  watch.unref();
  child.once("exit", () => clearInterval(watch));
}

/** @param talk `pipe` for a program that does not come from the cache */
function notStarted(file: string, talk: "ignore" | "pipe", [cause]: readonly unknown[]): LabError {
  const isServer = talk === "ignore";
  return new LabError({
    found: `a program that does not start: ${reasonOf(cause)}`,
    allowed: isServer ? "a server program" : "a program that may be executed",
    where: file,
    fix: isServer
      ? "Name another one, or remove it from the cache so that it is provided again."
      : "Name a program that is there and may be executed, by its path or by a name on the PATH.",
    cause,
  });
}

const tailBytes = 16 * 1024;
const longestLine = 400;

/** The last lines of the log, for an error message; long ones cut off. */
export async function logTail(logFile: string): Promise<string> {
  const text = await endOf(logFile).catch(() => "");
  const lines = text.trimEnd().split("\n").slice(-5);
  return lines.map((line) => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line)).join("\n");
}

async function endOf(file: string): Promise<string> {
  await using log = await open(file);
  const { size } = await log.stat();
  const start = Math.max(0, size - tailBytes);
  const { buffer, bytesRead } = await log.read({ buffer: Buffer.alloc(tailBytes), position: start });
  return buffer.toString("utf8", 0, bytesRead);
}
