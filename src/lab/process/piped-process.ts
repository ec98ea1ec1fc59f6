/** A program of somebody else's that is spoken to over its input and output; its stderr is a log. */

import type { ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { type ThreadTime, threadTimesOf } from "../machine/thread-time.ts";
import { launchRecorded, logTail, ServerProcess } from "../servers/server-process.ts";
import { trySignal } from "./process.ts";

export interface Program {
  /** Of its folder: `instance-0`. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
}

/** @throws LabError when it cannot be started */
export async function startProgram({ args, file }: Program, dir: string, labFolder: string): Promise<PipedProcess> {
  mkdirSync(dir, { recursive: true });
  const logFile = join(dir, "stderr.log");
  const { child, pid } = await launchRecorded({ file, args, dir, logFile, labFolder }, "pipe");
  if (child.stdin === null || child.stdout === null)
    throw new Error("a child without pipes, though they were asked for");
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
  /** Says how it ended, once it has and all that it wrote has been read: `exit code 1`, `SIGKILL`. */
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
    // Whoever waits for an answer has a deadline; the pipes alone keep nobody alive.
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

  /** Of each of its threads; that of its first one has the process's own id. null: this system does not tell, or it has ended. */
  threadTimes(): ReadonlyMap<number, ThreadTime> | null {
    return threadTimesOf(this.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
