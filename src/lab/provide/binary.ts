/** A server program that can be used, and how its version is determined. */

import { LabError } from "../error.ts";
import { type CommandResult, type Environment, isExecutable, lastLine, runCommand } from "../process/command.ts";

export type ServerName = "redis-server" | "toxiproxy-server";

/** The origin of a program: found (the first four) or provided just now (the others). */
export type How = "option" | "environment" | "path" | "cache" | "apt" | "redis-memory-server" | "go" | "release";

export interface ServerBinary {
  readonly name: ServerName;
  readonly path: string;
  /** `7.0.15`; `git` for a Toxiproxy that was built from source and has no version. */
  readonly version: string;
  readonly how: How;
}

/** A kind of server: which versions are supported, and what to do where there is none. */
export interface ServerKind {
  readonly name: ServerName;
  readonly variable: string;
  readonly allowed: string;
  readonly fix: string;
  /** The version in the output of `--version`, or nothing for the output of another program. */
  readonly versionIn: (output: string) => string | undefined;
  readonly supports: (version: string) => boolean;
}

const versionTimeout = 10_000;

export interface Candidate {
  readonly path: string;
  readonly how: How;
  readonly env: Environment;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the program with `--version`: a name proves nothing.
 * @throws LabError when it is not that server, or a version that is not supported
 */
export async function inspectBinary(kind: ServerKind, { path, how, env, signal }: Candidate): Promise<ServerBinary> {
  const refuse = (found: string): LabError =>
    new LabError({ found, allowed: kind.allowed, where: path, fix: kind.fix });
  if (!(await isExecutable(path))) throw refuse("no executable file");
  const answer = await runCommand(path, ["--version"], { env, signal, timeout: versionTimeout });
  const version = kind.versionIn(answer.stdout) ?? kind.versionIn(answer.stderr);
  if (answer.exitCode !== 0 || version === undefined) throw refuse(`not a ${kind.name}: ${said(answer)}`);
  if (!kind.supports(version)) throw refuse(`${kind.name} ${version}`);
  return { name: kind.name, path, version, how };
}

function said(answer: CommandResult): string {
  const ending = answer.exitCode === null ? "no exit code" : `exit code ${answer.exitCode}`;
  return `--version ended with ${ending} and said "${lastLine(answer.stderr === "" ? answer.stdout : answer.stderr)}"`;
}

/** Newest first; parts that are not numbers count as 0. */
export function compareVersions(left: string, right: string): number {
  const a = numbersOf(left);
  const b = numbersOf(right);
  for (let part = 0; part < Math.max(a.length, b.length); part++) {
    const difference = (b[part] ?? 0) - (a[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(version: string): readonly number[] {
  return version.split(".").map((part) => Number.parseInt(part, 10) || 0);
}

export const redisServer: ServerKind = {
  name: "redis-server",
  variable: "LOCKPROOF_REDIS_SERVER",
  allowed: "redis-server 7.0.0 or newer",
  fix: "Install Redis 7 or newer, or name one with LOCKPROOF_REDIS_SERVER=/path/to/redis-server.",
  versionIn: (output) => /^Redis server v=(\d+\.\d+\.\d+)/m.exec(output)?.[1],
  supports: (version) => compareVersions(version, "7.0.0") <= 0,
};

export const toxiproxyServer: ServerKind = {
  name: "toxiproxy-server",
  variable: "LOCKPROOF_TOXIPROXY_SERVER",
  allowed: "toxiproxy-server 2.x",
  fix: "Install Toxiproxy 2.12.0, or name one with LOCKPROOF_TOXIPROXY_SERVER=/path/to/toxiproxy-server.",
  // "git" is what `go install` leaves in it: the release build puts the number in.
  versionIn: (output) => /^toxiproxy-server version (\d+\.\d+\.\d+|git)\b/m.exec(output)?.[1],
  supports: (version) => version === "git" || version.startsWith("2."),
};
