/** Runs another program to its end and looks for programs on a PATH. No shell is involved. */

import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Readable } from "node:stream";
import { trySignal } from "./process.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface CommandOptions {
  readonly env: Environment;
  readonly cwd?: string;
  /** Milliseconds; after that the program is killed and counts as failed. */
  readonly deadline: number;
}

export interface CommandResult {
  /** `null` where it was killed or could not be started. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const mostOutput = 16 * 1024 * 1024;
/** How long the output of a program that has ended may stay open, in ms: a process that left its group may hold it for ever. */
const lateOutput = 500;

/** The groups of the programs that run now. They are ended when this process is: nobody waits for their answers any more. */
const running = new Set<number>();
let isWatching = false;

/**
 * Never rejects: a program that cannot be started or takes too long has no exit code and says why in `stderr`.
 * The program leads a group of its own, and what it has started ends with it.
 */
export function runCommand(file: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  if (!isWatching) process.on("exit", () => running.forEach(endGroup));
  isWatching = true;
  return new Promise((resolve) => {
    const { cwd, deadline, env } = options;
    const child = spawn(file, [...args], { cwd, env: { ...env }, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const stdout = textOf(child.stdout);
    const stderr = textOf(child.stderr);
    const group = child.pid;
    const answer = (exitCode: number | null, reason = ""): void => {
      for (const pipe of [child.stdout, child.stderr]) pipe.destroy();
      resolve({ exitCode, stdout: stdout(), stderr: `${stderr()}${reason}` });
    };
    child.once("error", (error) => answer(null, error.message));
    if (group === undefined) return;
    running.add(group);
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      endGroup(group);
    }, deadline);
    child.once("exit", (code, signal) => {
      clearTimeout(late);
      endGroup(group);
      running.delete(group);
      const reason = isLate ? `took longer than ${deadline} ms` : signal === null ? "" : `ended by ${signal}`;
      const overdue = setTimeout(() => answer(code, reason), lateOutput);
      child.once("close", () => {
        clearTimeout(overdue);
        answer(code, reason);
      });
    });
  });
}

/** Collects what a program writes, up to a bound; what comes after is read and dropped. */
function textOf(pipe: Readable): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  pipe.on("data", (chunk: Buffer) => {
    if (size < mostOutput) chunks.push(chunk);
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

function endGroup(group: number): void {
  trySignal(-group, "SIGKILL");
}

/** The last line that says something, for a message. */
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
