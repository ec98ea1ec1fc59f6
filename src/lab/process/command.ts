/** Runs another program to its end and looks for programs on a PATH. No shell is involved. */

import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Readable } from "node:stream";
import { guardCommand } from "./cleanup.ts";
import { trySignal } from "./process.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface CommandOptions {
  readonly env: Environment;
  readonly cwd?: string;
  /** Milliseconds; after that the program is killed and counts as failed. */
  readonly timeout: number;
  /** Kills the program, which then counts as failed. */
  readonly signal?: AbortSignal | undefined;
}

export interface CommandResult {
  /** `null` where it was killed or could not be started. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Bytes of stdout and of stderr; what a program writes beyond is read and dropped. */
const mostOutput = 16 * 1024 * 1024;
/** Milliseconds for which output is read after the exit: a process left behind may hold the pipes open for ever. */
const outputTimeout = 500;

/**
 * Never rejects: a program that cannot be started or takes too long has no exit code and says why in `stderr`.
 * The program leads a group of its own, and nothing of that group is left when this resolves.
 */
export async function runCommand(
  file: string,
  args: readonly string[],
  { cwd, env, timeout, signal }: CommandOptions,
): Promise<CommandResult> {
  if (signal?.aborted === true) return failed("interrupted");
  const child = spawn(file, [...args], { cwd, env: { ...env }, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const { pid } = child;
  if (pid === undefined) return failed(await startError(child));
  const release = guardCommand(pid);
  let reason: string | undefined;
  const kill = (why: string): void => {
    reason ??= why;
    trySignal(-pid, "SIGKILL");
  };
  const onAbort = (): void => kill("interrupted");
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(kill, timeout, `took longer than ${timeout} ms`);
  const [stdout, stderr] = [child.stdout, child.stderr].map(collect);
  const { exitCode, ending } = await exitOf(child, pid);
  clearTimeout(timer);
  signal?.removeEventListener("abort", onAbort);
  release();
  return {
    exitCode: reason === undefined ? exitCode : null,
    stdout: stdout?.() ?? "",
    stderr: `${stderr?.() ?? ""}${reason ?? ending}`,
  };
}

function failed(stderr: string): CommandResult {
  return { exitCode: null, stdout: "", stderr };
}

function startError(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => child.once("error", (error) => resolve(error.message)));
}

/** @returns what has been read so far */
function collect(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    if (bytes < mostOutput) chunks.push(chunk);
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

interface Exit {
  readonly exitCode: number | null;
  /** Why there is no exit code. */
  readonly ending: string;
}

/** Ends what the program has left in its group. Resolves once it has ended and its output has been read, or the pipes are closed here */
function exitOf(child: ChildProcess, pid: number): Promise<Exit> {
  return new Promise((resolve) => {
    child.once("exit", (exitCode, signal) => {
      trySignal(-pid, "SIGKILL");
      const timer = setTimeout(() => {
        for (const stream of [child.stdout, child.stderr]) stream?.destroy();
      }, outputTimeout);
      child.once("close", () => {
        clearTimeout(timer);
        resolve({ exitCode, ending: signal === null ? "" : `ended by ${signal}` });
      });
    });
  });
}

/** The last non-empty line, for a message. */
export function lastLine(text: string): string {
  return (
    text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .at(-1) ?? "(no output)"
  );
}

export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** Every executable of that name on the PATH, in order. */
export async function findOnPath(name: string, env: Environment): Promise<readonly string[]> {
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = [...new Set(folders)].map((folder) => join(folder, name));
  const executable = await Promise.all(candidates.map(isExecutable));
  return candidates.filter((_, index) => executable[index]);
}
