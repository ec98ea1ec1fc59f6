/**
 * Where provided programs are kept: `<cache>/<name>/<version>-<platform>-<architecture>/<name>`.
 * An entry appears whole or not at all, so that several processes may provide the same one at the same time.
 */

import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { codeOf, LabError, reasonOf } from "../error.ts";
import type { Environment } from "../process/command.ts";
import { compareVersions, type ServerName } from "./binary.ts";

const machine = `${process.platform}-${process.arch}`;
/** A folder half filled for longer than this belongs to a process that died. */
const abandonedAfter = 60 * 60 * 1000;

/** @throws LabError where HOME or XDG_CACHE_HOME names no place: the cache would be in the working folder */
export function cacheFolder(env: Environment): string {
  const own = env["LOCKPROOF_CACHE"];
  if (own !== undefined && own !== "") return own;
  const shared = env["XDG_CACHE_HOME"];
  if (shared !== undefined && shared !== "") return join(absolute("XDG_CACHE_HOME", shared), "lockproof");
  return join(absolute("HOME", env["HOME"] ?? homeOfUser()), ".cache", "lockproof");
}

function absolute(variable: string, path: string): string {
  if (isAbsolute(path)) return path;
  throw new LabError({
    found: path === "" ? "an empty path" : `the relative path ${JSON.stringify(path)}`,
    allowed: "an absolute path",
    where: `cache: ${variable}`,
    fix: `Set ${variable}, or name a folder for the cache with LOCKPROOF_CACHE.`,
  });
}

/** Empty for a user whom the system does not know. */
function homeOfUser(): string {
  try {
    return homedir();
  } catch {
    return "";
  }
}

/** Paths of the cached programs of that name for this kind of machine, newest version first. */
export async function cachedBinaries(name: ServerName, env: Environment): Promise<readonly string[]> {
  const shelf = join(cacheFolder(env), name);
  const entries = await readdir(shelf).catch(() => []);
  return entries
    .filter((entry) => entry.endsWith(`-${machine}`) && !entry.startsWith("."))
    .sort(compareVersions)
    .map((entry) => join(shelf, entry, name));
}

/**
 * Gives `fill` a private folder inside the cache and moves it into place once it is complete.
 * @param fill puts an executable called `name` into the folder and answers its version
 * @param works whether the program at a path in the cache can be used
 * @returns the path of the program in the cache: this one, or that of a process that was faster
 * @throws LabError when the cache cannot be written; any error of `fill`
 */
export async function keepInCache(
  name: ServerName,
  env: Environment,
  fill: (folder: string) => Promise<string>,
  works: (path: string) => Promise<boolean>,
): Promise<string> {
  const shelf = join(cacheFolder(env), name);
  const draft = await createDraft(shelf);
  try {
    const version = await fill(draft);
    const entry = join(shelf, `${version}-${machine}`);
    const path = join(entry, name);
    await putInPlace(draft, entry, () => works(path));
    return path;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function createDraft(shelf: string): Promise<string> {
  try {
    await mkdir(shelf, { recursive: true });
    await removeAbandonedDrafts(shelf);
    return await mkdtemp(join(shelf, ".draft-"));
  } catch (thrown) {
    throw new LabError({
      found: reasonOf(thrown),
      allowed: "a folder that can be written",
      where: `cache ${shelf}`,
      fix: "Make it writable, or name another folder with LOCKPROOF_CACHE.",
      cause: thrown,
    });
  }
}

async function removeAbandonedDrafts(shelf: string): Promise<void> {
  for (const entry of await readdir(shelf)) {
    if (!entry.startsWith(".draft-")) continue;
    const draft = join(shelf, entry);
    const status = await stat(draft).catch(() => undefined);
    if (status !== undefined && Date.now() - status.mtimeMs > abandonedAfter) {
      await rm(draft, { recursive: true, force: true });
    }
  }
}

/** Leaves a working entry of another process as it is; one that does not work is moved aside and replaced. */
async function putInPlace(draft: string, entry: string, works: () => Promise<boolean>): Promise<void> {
  for (;;) {
    try {
      return await rename(draft, entry);
    } catch (thrown) {
      if (codeOf(thrown) !== "ENOTEMPTY" && codeOf(thrown) !== "EEXIST") throw thrown;
    }
    if (await works()) return;
    const aside = `${draft}-old`;
    await rename(entry, aside).catch(() => undefined);
    await rm(aside, { recursive: true, force: true });
  }
}
