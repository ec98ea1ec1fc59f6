/**
 * Finds a server program, or provides one. Order: an explicit path, the PATH, the cache, then the ways of providing it.
 * An explicit path that is wrong is an error at once: no other program is used instead.
 */

import { LabError, reasonOf } from "../error.ts";
import { type Environment, findOnPath } from "../process/command.ts";
import { type How, inspectBinary, type ServerBinary, type ServerKind } from "./binary.ts";
import { cachedBinaries, cacheFolder, keepInCache } from "./cache.ts";

/** One way to get a program that is not there yet. */
export interface Provider {
  readonly how: How;
  readonly does: string;
  /**
   * Puts an executable named after the server into `folder`, which is private to the call.
   * @returns its version, for the name of the cache entry
   * @throws Error with the reason, in one line
   */
  provide(folder: string, env: Environment, signal?: AbortSignal): Promise<string>;
}

interface Attempt {
  readonly way: string;
  readonly reason: string;
}

export interface FindOptions {
  /** An explicit path; wins over the environment variable. */
  readonly path?: string | undefined;
  readonly env: Environment;
  /** Ends the search, and whatever is being tried. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each attempt, since it can take from a second to minutes. */
  readonly onProvide?: ((way: string) => void) | undefined;
}

export interface Search {
  readonly binary: ServerBinary | undefined;
  /** Earlier attempts, and why they failed. */
  readonly attempts: readonly Attempt[];
}

/**
 * Searches, and provides nothing.
 * @throws LabError when the explicit path, or that of the environment variable, is not a fit program
 */
export async function searchServer(kind: ServerKind, options: FindOptions): Promise<Search> {
  const { path, env, signal } = options;
  const inspect = (candidate: string, how: How): Promise<ServerBinary> =>
    inspectBinary(kind, { path: candidate, how, env, signal });
  if (path !== undefined) return { binary: await inspect(path, "option"), attempts: [] };
  const named = env[kind.variable];
  if (named !== undefined && named !== "") {
    return { binary: await inspect(named, "environment"), attempts: [] };
  }
  const attempts: Attempt[] = [];
  const places = [
    { how: "path", way: "PATH", list: findOnPath },
    { how: "cache", way: "cache", list: cachedBinaries },
  ] as const;
  for (const { how, list, way } of places) {
    const candidates = await list(kind.name, env).catch((thrown: unknown) => reasonOf(thrown));
    if (typeof candidates === "string") {
      attempts.push({ way, reason: candidates });
      continue;
    }
    if (candidates.length === 0) attempts.push({ way, reason: `no ${kind.name} there` });
    for (const candidate of candidates) {
      try {
        return { binary: await inspect(candidate, how), attempts };
      } catch (thrown) {
        attempts.push({ way, reason: reasonOf(thrown) });
      }
    }
  }
  return { binary: undefined, attempts };
}

/** @throws LabError that lists everything that was tried and why each failed; the signal's reason where that ended the search */
export async function findOrProvide(
  kind: ServerKind,
  options: FindOptions,
  providers: readonly Provider[],
): Promise<ServerBinary> {
  const search = await searchServer(kind, options);
  if (search.binary !== undefined) return search.binary;
  cacheFolder(options.env); // throws: without a cache folder nothing can be provided
  const attempts = [...search.attempts];
  for (const provider of providers) {
    if (options.signal?.aborted === true) break;
    options.onProvide?.(provider.does);
    try {
      return await provideWith(kind, provider, options);
    } catch (thrown) {
      attempts.push({ way: provider.does, reason: reasonOf(thrown) });
    }
  }
  options.signal?.throwIfAborted(); // an aborted search does not show that there is none
  throw nothingWorked(kind, attempts);
}

async function provideWith(kind: ServerKind, provider: Provider, { env, signal }: FindOptions): Promise<ServerBinary> {
  const inspect = (path: string): Promise<ServerBinary> =>
    inspectBinary(kind, { path, how: provider.how, env, signal });
  const works = async (path: string): Promise<boolean> =>
    await inspect(path).then(
      () => true,
      () => false,
    );
  const fill = async (folder: string): Promise<string> => {
    const version = await provider.provide(folder, env, signal);
    await inspect(`${folder}/${kind.name}`);
    return version;
  };
  return await inspect(await keepInCache(kind.name, env, fill, works));
}

function nothingWorked(kind: ServerKind, attempts: readonly Attempt[]): LabError {
  const tried = attempts.map(({ way, reason }) => `\n  ${way}: ${reason}`).join("");
  return new LabError({
    found: "none that can be used",
    allowed: kind.allowed,
    where: kind.name,
    fix: `${kind.fix} Tried:${tried}`,
  });
}
