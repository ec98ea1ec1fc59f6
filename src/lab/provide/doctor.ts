/** Compares what a lab needs with what this machine has. Data only: the command line prints it. */

import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { LabError, reasonOf } from "../error.ts";
import { type Environment, findOnPath } from "../process/command.ts";
import { compareVersions, redisServer, type ServerBinary, type ServerKind, toxiproxyServer } from "./binary.ts";
import { cacheFolder } from "./cache.ts";
import { type FindOptions, searchServer } from "./find.ts";
import { findRedisServer } from "./find-redis.ts";
import { findToxiproxyServer } from "./find-toxiproxy.ts";
import { installRedis, installToxiproxy, packageManagers } from "./install-advice.ts";

export interface Finding {
  readonly name: string;
  /** `wrong`: it is there, but cannot be used. */
  readonly status: "found" | "missing" | "wrong";
  /** Whether a lab needs it; the others are ways to get what it needs. */
  readonly required: boolean;
  readonly where: string | null;
  readonly version: string | null;
  readonly how: ServerBinary["how"] | null;
  /** For `wrong` what was found, for a missing program what was tried. */
  readonly reason: string | null;
  /** The exact command, or what to change; `null` where nothing is to be done. */
  readonly fix: string | null;
}

export interface ExamineOptions {
  readonly redisServer?: string;
  readonly toxiproxyServer?: string;
  readonly env?: Environment;
  readonly signal?: AbortSignal;
  /** Without it nothing is downloaded, built or written. */
  readonly provide?: boolean;
}

const oldestNode = "22.18.0";
/** As `engines` in package.json has it; versions between these lines run, and npm warns of them. */
const supportedNode = "^22.18 || ^24.11 || >=26";

export async function examine(options: ExamineOptions = {}): Promise<readonly Finding[]> {
  const env = options.env ?? process.env;
  const provide = options.provide === true;
  const { signal } = options;
  const redis = { path: options.redisServer, env, signal };
  const toxiproxy = { path: options.toxiproxyServer, env, signal };
  return [
    examineNode(process.versions.node),
    await examineServer(redisServer, redis, provide ? findRedisServer : undefined, await installRedis(env)),
    await examineServer(
      toxiproxyServer,
      toxiproxy,
      provide ? findToxiproxyServer : undefined,
      await installToxiproxy(env),
    ),
    await examineFolder("cache folder", () => cacheFolder(env), "LOCKPROOF_CACHE"),
    await examineFolder("temporary folder", tmpdir, "TMPDIR"),
    await examineTool("package manager", packageManagers, env, "it would provide redis-server"),
    await examineTool("go", ["go"], env, "it would build toxiproxy-server"),
  ];
}

const nothing = { where: null, version: null, how: null, reason: null, fix: null } as const;

export function examineNode(version: string): Finding {
  const isFit = compareVersions(version, oldestNode) <= 0;
  const common = { ...nothing, name: "node", required: true, where: process.execPath, version };
  if (isFit) return { ...common, status: "found" };
  return { ...common, status: "wrong", reason: `needs ${supportedNode}`, fix: "npm install --save-dev node@24" };
}

async function examineServer(
  kind: ServerKind,
  options: FindOptions,
  provide: ((options: FindOptions) => Promise<ServerBinary>) | undefined,
  fix: string,
): Promise<Finding> {
  const common = { ...nothing, name: kind.name, required: true };
  try {
    const { binary, attempts } =
      provide === undefined ? await searchServer(kind, options) : { binary: await provide(options), attempts: [] };
    if (binary !== undefined) {
      return { ...common, status: "found", where: binary.path, version: binary.version, how: binary.how };
    }
    const reason = attempts.map((attempt) => `${attempt.way}: ${attempt.reason}`).join("; ");
    return { ...common, status: "missing", reason, fix };
  } catch (thrown) {
    if (!(thrown instanceof LabError)) throw thrown;
    const status = provide === undefined ? "wrong" : "missing";
    return { ...common, status, where: thrown.where, reason: thrown.message, fix: thrown.fix };
  }
}

/** A folder that is not there yet is fine where the nearest one above it can be written. */
async function examineFolder(name: string, place: () => string, variable: string): Promise<Finding> {
  let folder: string | null = null;
  try {
    folder = place();
    const existing = await nearestFolder(folder);
    await access(existing, constants.W_OK | constants.X_OK);
    return { ...nothing, name, required: true, where: folder, status: "found" };
  } catch (thrown) {
    const fix = thrown instanceof LabError ? thrown.fix : `Make it writable, or name another folder with ${variable}.`;
    return { ...nothing, name, required: true, where: folder, status: "wrong", reason: reasonOf(thrown), fix };
  }
}

async function nearestFolder(path: string): Promise<string> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory() === true) return path;
  if (status !== undefined || dirname(path) === path) throw new Error(`${path} is not a folder`);
  return await nearestFolder(dirname(path));
}

async function examineTool(name: string, programs: readonly string[], env: Environment, use: string): Promise<Finding> {
  for (const program of programs) {
    const [where] = await findOnPath(program, env);
    if (where !== undefined) return { ...nothing, name, status: "found", required: false, where };
  }
  const reason = `no ${programs.join(", ")} on PATH; ${use}`;
  return { ...nothing, name, status: "missing", required: false, reason };
}
