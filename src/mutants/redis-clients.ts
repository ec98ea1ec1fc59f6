/**
 * The real side of the store's ports, and the scheduler that is embedded on it, as they are or as a mutant: a copy of the sources with a few lines changed,
 * loaded beside the right one.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { RedisMutant } from "../../scenarios/mutants/redis/mutant.ts";
import { VoidMutantError } from "../evidence/failure.ts";
import { isInstalled, linkPackages, sourceRoot } from "./source-root.ts";

export type RedisModules = Pick<typeof import("../redis/store.ts"), "createRedisStore" | "compileScripts"> &
  Pick<typeof import("../redis/feed.ts"), "createRedisFeed"> &
  Pick<typeof import("../redis/scripts/scripts.ts"), "loadScripts"> &
  Pick<typeof import("../redis/system.ts"), "systemClock" | "systemRandom"> &
  Pick<typeof import("../redis/acl.ts"), "leastPrivilege"> &
  Pick<typeof import("../redis/upgrade.ts"), "upgradeStore"> &
  Pick<typeof import("../redis/connection/topology.ts"), "topologyOf"> &
  Pick<typeof import("../redis/connection/defaults.ts"), "connectionDefaults"> &
  Pick<typeof import("../redis/connection/renewal.ts"), "Renewal"> &
  Pick<typeof import("../redis/connection/existing.ts"), "isExistingClient" | "topologyOfClient"> & {
    /** Where the embedded scheduler is loaded from, by this process or another. */
    readonly embedded: string;
  };

export interface LoadedRedis extends Disposable {
  readonly modules: RedisModules;
}

/** Disposing removes the copy. @throws BrokenRunError when a text to change is not there exactly once */
export async function loadRedis(mutant: RedisMutant | null): Promise<LoadedRedis> {
  if (mutant === null)
    return {
      modules: await importFrom(new URL("../redis/", import.meta.url), isInstalled ? ".js" : ".ts"),
      [Symbol.dispose]() {},
    };
  const folder = mkdtempSync(join(tmpdir(), "lockproof-mutant-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    for (const copied of ["src/redis", "src/scheduler", "src/embed", "src/files/file-kind.ts", "lua"])
      cpSync(join(sourceRoot, copied), join(folder, copied), { recursive: true });
    mkdirSync(join(folder, "node_modules"));
    linkPackages(join(folder, "node_modules"), ["ioredis", "pino", "prom-client", "zod"]);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    for (const edit of mutant.edits) applyEdit(folder, mutant.id, edit);
    return { modules: await importFrom(pathToFileURL(`${join(folder, "src/redis")}/`)), [Symbol.dispose]: remove };
  } catch (error) {
    remove();
    throw error;
  }
}

async function importFrom(folder: URL, ending = ".ts"): Promise<RedisModules> {
  const names = [
    ...["acl", "feed", "scripts/scripts", "store", "system", "upgrade"],
    ...["topology", "existing", "defaults", "renewal"].map((name) => `connection/${name}`),
  ];
  const modules: object[] = [{ embedded: new URL(`../embed/scheduler${ending}`, folder).href }];
  for (const name of names) modules.push(await import(/* @vite-ignore */ new URL(name + ending, folder).href));
  return Object.assign({}, ...modules);
}

function applyEdit(folder: string, id: string, { file, find, replace }: RedisMutant["edits"][number]): void {
  const path = join(folder, file);
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const places = text.split(find).length - 1;
  if (places !== 1) {
    throw new VoidMutantError(`Redis mutant ${id}: ${places} places to change, allowed exactly 1`, {
      where: file,
      fix: "write the mutant anew, for the text as it is now",
    });
  }
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
}
