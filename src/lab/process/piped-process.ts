/** A program that is controlled over its input and output; its stderr is a log. */

import type { ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { type ThreadTime, threadTimesOf } from "../machine/thread-time.ts";
import { launchRecorded, logTail, ServerProcess } from "../servers/server-process.ts";
import { trySignal } from "./process.ts";

export interface Program {
  /** Names its folder: `instance-0`. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Its working folder; absent: its own folder in the lab. */
  readonly workDir?: string;
}

/** @throws LabError when it cannot be started */
export async function startProgram(
  { args, file, workDir }: Program,
  folder: string,
  labFolder: string,
): Promise<PipedProcess> {
  mkdirSync(folder, { recursive: true });
  const logFile = join(folder, "stderr.log");
  const { child, pid } = await launchRecorded({ file, args, dir: workDir ?? folder, logFile, labFolder }, "pipe");
  if (child.stdin === null || child.stdout === null) throw new Error("a child without the pipes that were requested");
  return new PipedProcess(child, pid, { stdin: child.stdin, stdout: child.stdout, logFile });
}

interface Pipes {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly logFile: string;
}

export class PipedProcess implements AsyncDisposable {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves with how it ended, once all that it wrote has been read: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  readonly #logFile: string;
  readonly #process: ServerProcess;

  constructor(child: ChildProcess, pid: number, { logFile, stdin, stdout }: Pipes) {
    this.pid = pid;
    this.stdin = stdin;
    this.stdout = stdout;
    this.#logFile = logFile;
    this.ended = new Promise((resolve) => {
      child.once("close", (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    stdin.on("error", () => undefined); // it has ended: `ended` says so
    // The pipes must not keep the harness alive: calls in flight have timers that do.
    for (const pipe of [stdin, stdout]) if (pipe instanceof Socket) pipe.unref();
    this.#process = new ServerProcess(child, pid);
  }

  get hasEnded(): boolean {
    return this.#process.hasEnded;
  }

  /** SIGKILL to it and to what it has started, stopped or not; resolves when it is gone. */
  async kill(): Promise<void> {
    if (!this.hasEnded) trySignal(-this.pid, "SIGKILL");
    await this.#process.kill();
  }

  /** SIGSTOP to it and to what it has started; resolves when it has stopped. */
  async pause(): Promise<void> {
    if (this.hasEnded) return;
    trySignal(-this.pid, "SIGSTOP");
    await this.#process.pause();
  }

  resume(): void {
    if (!this.hasEnded) trySignal(-this.pid, "SIGCONT");
  }

  /** The last lines of its stderr, for an error message. */
  async log(): Promise<string> {
    return await logTail(this.#logFile);
  }

  /** By thread id; the first thread has the id of the process. null: this system does not report it, or the process has ended. */
  threadTimes(): ReadonlyMap<number, ThreadTime> | null {
    return threadTimesOf(this.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
