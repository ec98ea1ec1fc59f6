/**
 * Wrong schedulers, to check the checkers: a copy of the scheduler's folder with a few lines changed, loaded beside the right one.
 * Works in a checkout only: the published package has no sources to change.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Planted } from "../../scenarios/mutants/scheduler/planted.ts";
import { plantedSchedulers } from "../../scenarios/mutants/scheduler/registry.ts";
import { messageOf, UsageError, VoidMutantError } from "../report/failure.ts";

type SchedulerModule = typeof import("../scheduler/scheduler.ts");

export interface LoadedScheduler extends Disposable {
  readonly createScheduler: SchedulerModule["createScheduler"];
  /** Where another process loads it from. */
  readonly url: string;
}

export function findPlanted(id: string): Planted {
  const found = plantedSchedulers.find((planted) => planted.id === id);
  if (found !== undefined) return found;
  throw new UsageError(`planted scheduler ${JSON.stringify(id)}: there is none of that name`, {
    where: "planted",
    fix: `use one of ${plantedSchedulers.map((planted) => planted.id).join(", ")}`,
  });
}

/** The right one, or the planted one; disposing removes the copy.
 * @throws VoidMutantError when the text to change is not there exactly once, or what comes of it cannot be loaded
 */
export async function loadScheduler(planted: Pick<Planted, "id" | "edits"> | null): Promise<LoadedScheduler> {
  if (planted === null) {
    const { createScheduler } = await import("../scheduler/scheduler.ts");
    const url = new URL(`../scheduler/scheduler${extname(import.meta.url)}`, import.meta.url).href;
    return { createScheduler, url, [Symbol.dispose]() {} };
  }
  const own = fileURLToPath(new URL("../scheduler", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "lockproof-planted-"));
  try {
    const copy = join(folder, "scheduler");
    cpSync(own, copy, { recursive: true });
    const packages = fileURLToPath(new URL("../../node_modules", import.meta.url));
    symlinkSync(packages, join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    for (const edit of planted.edits) applyEdit(copy, planted.id, edit);
    const path = join(copy, "scheduler.ts");
    const { createScheduler } = await load(planted.id, path);
    return {
      createScheduler,
      url: pathToFileURL(path).href,
      [Symbol.dispose]() {
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function load(id: string, path: string): Promise<SchedulerModule> {
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as SchedulerModule;
  } catch (error) {
    throw new VoidMutantError(
      `planted scheduler ${id}: it cannot be loaded: ${messageOf(error)}`,
      { where: "scenarios/mutants/scheduler", fix: "write the edit so that it is a program still" },
      error,
    );
  }
}

function applyEdit(copy: string, id: string, { file, find, replace }: Planted["edits"][number]): void {
  const path = join(copy, file);
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const places = text.split(find).length - 1;
  if (places !== 1) {
    throw new VoidMutantError(`planted scheduler ${id}: ${places} places to change, allowed exactly 1`, {
      where: `src/scheduler/${file}`,
      fix: "write the edit in scenarios/mutants/scheduler/ anew, for the text as it is now",
    });
  }
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
}
