/**
 * A lab: real servers on loopback, in a folder of its own, all gone when it is closed or its process ends.
 *
 * @example
 * await using lab = await openLab();
 * const redis = await lab.redis();
 */

import { join } from "node:path";
import { LabError } from "./error.ts";
import { guardFolder, releaseFolder } from "./process/cleanup.ts";
import type { Environment } from "./process/command.ts";
import { createLabFolder, sweepLeftovers } from "./process/folder.ts";
import { labEnvironment } from "./process/lab-processes.ts";
import { type PipedProcess, type Program, startProgram } from "./process/piped-process.ts";
import type { ServerBinary } from "./provide/binary.ts";
import type { FindOptions } from "./provide/find.ts";
import { findRedisServer } from "./provide/find-redis.ts";
import { findToxiproxyServer } from "./provide/find-toxiproxy.ts";
import { type RedisOptions, type RedisServer, startRedis } from "./servers/redis.ts";
import type { ServerPlace } from "./servers/server-process.ts";
import { startToxiproxy, type ToxiproxyOptions, type ToxiproxyServer } from "./toxiproxy/toxiproxy.ts";

export interface LabOptions {
  /** Explicit paths; absent: see docs/lab.md for where they are searched. */
  readonly redisServer?: string | undefined;
  readonly toxiproxyServer?: string | undefined;
  /** Instead of the process's own environment: PATH, LOCKPROOF_*, HOME. */
  readonly env?: Environment;
  /** Ends the search for a program, and whatever is being downloaded or built. */
  readonly signal?: AbortSignal | undefined;
  /** Called before anything is downloaded or built, since it can take from a second to minutes. */
  readonly onProvide?: (way: string) => void;
}

/**
 * Opens a lab and clears what killed labs have left. Programs are looked for when they are first needed.
 * @throws LabError when no folder can be made
 */
export async function openLab(options: LabOptions = {}): Promise<Lab> {
  sweepLeftovers();
  const folder = createLabFolder();
  guardFolder(folder);
  return new Lab(folder, options);
}

export class Lab implements AsyncDisposable {
  readonly folder: string;
  readonly #options: LabOptions;
  readonly #servers: AsyncDisposable[] = [];
  #redisBinary: Promise<ServerBinary> | undefined;
  #toxiproxyBinary: Promise<ServerBinary> | undefined;
  #started = 0;
  #isClosed = false;

  constructor(folder: string, options: LabOptions) {
    this.folder = folder;
    this.#options = options;
  }

  /**
   * Which redis-server is used: found, or provided, once a lab.
   * @throws LabError when there is none and none can be provided
   */
  redisBinary(): Promise<ServerBinary> {
    this.#redisBinary ??= findRedisServer(this.#findOptions(this.#options.redisServer));
    return this.#redisBinary;
  }

  /**
   * Which toxiproxy-server is used: found, or provided, once a lab.
   * @throws LabError when there is none and none can be provided
   */
  toxiproxyBinary(): Promise<ServerBinary> {
    this.#toxiproxyBinary ??= findToxiproxyServer(this.#findOptions(this.#options.toxiproxyServer));
    return this.#toxiproxyBinary;
  }

  /** @throws LabError as `redisBinary` and `startRedis` do */
  async redis(options: RedisOptions = {}): Promise<RedisServer> {
    return await this.#keep(await startRedis(this.#place(await this.redisBinary()), options));
  }

  /** @throws LabError as `toxiproxyBinary` and `startToxiproxy` do */
  async toxiproxy(options: ToxiproxyOptions = {}): Promise<ToxiproxyServer> {
    return await this.#keep(await startToxiproxy(this.#place(await this.toxiproxyBinary()), options));
  }

  /** A program that is controlled over its input and output. @throws LabError when it cannot be started */
  async program(program: Program): Promise<PipedProcess> {
    return await this.#keep(await startProgram(program, this.#folderFor(program.name), this.folder));
  }

  /** Ends every server, at once and without saving, and removes the folder. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#servers.splice(0).map((server) => server[Symbol.asyncDispose]()));
    releaseFolder(this.folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #findOptions(path: string | undefined): FindOptions {
    const { env = process.env, onProvide, signal } = this.#options;
    return { path, env: { ...env, ...labEnvironment(this.folder) }, onProvide, signal };
  }

  #place({ name, path, version }: ServerBinary): ServerPlace {
    return { program: path, version, dir: this.#folderFor(name), labFolder: this.folder };
  }

  #folderFor(name: string): string {
    if (this.#isClosed) throw closed(this.folder);
    this.#started += 1;
    return join(this.folder, `${name}-${this.#started}`);
  }

  /** A lab may be closed while a server starts. */
  async #keep<Server extends AsyncDisposable>(server: Server): Promise<Server> {
    this.#servers.push(server);
    if (!this.#isClosed) return server;
    await this.close();
    throw closed(this.folder);
  }
}

function closed(folder: string): LabError {
  return new LabError({
    found: "a lab that has been closed",
    allowed: "an open one",
    where: `lab ${folder}`,
    fix: "Open another one.",
  });
}
