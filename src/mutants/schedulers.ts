/**
 * Wrong schedulers, to check the checkers: a copy of the scheduler's folder with a few lines changed, loaded beside the right one. The copy is of the
 * sources in the installed package too: Node strips the types of files outside `node_modules`.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { SchedulerMutant } from "../../scenarios/mutants/scheduler/mutant.ts";
import { rareMutants } from "../../scenarios/mutants/scheduler/rare.ts";
import { schedulerMutants } from "../../scenarios/mutants/scheduler/registry.ts";
import { messageOf, UsageError, VoidMutantError } from "../evidence/failure.ts";
import { linkPackages, sourceRoot } from "./source-root.ts";

type SchedulerModule = typeof import("../scheduler/scheduler.ts");

export interface LoadedScheduler extends Disposable {
  readonly createScheduler: SchedulerModule["createScheduler"];
  /** Where another process loads it from. */
  readonly url: string;
}

export function findSchedulerMutant(id: string): SchedulerMutant {
  const found = [...schedulerMutants, ...rareMutants].find((mutant) => mutant.id === id);
  if (found !== undefined) return found;
  throw new UsageError(`scheduler mutant ${JSON.stringify(id)}: there is none of that name`, {
    where: "mutant",
    fix: `use one of ${schedulerMutants.map((mutant) => mutant.id).join(", ")}`,
  });
}

/** Returns the new text of a file in the copy. */
export type Rewrite = (text: string, path: string) => string;

/** The unchanged scheduler, or a mutant; disposing removes the copy.
 * @param rewrite applied to every file after the edits
 * @throws VoidMutantError when the text to change is not there exactly once, or the result cannot be loaded
 */
export async function loadScheduler(
  mutant: Pick<SchedulerMutant, "id" | "edits"> | null,
  rewrite?: Rewrite,
): Promise<LoadedScheduler> {
  if (mutant === null && rewrite === undefined) {
    const { createScheduler } = await import("../scheduler/scheduler.ts");
    const url = new URL(`../scheduler/scheduler${extname(import.meta.url)}`, import.meta.url).href;
    return { createScheduler, url, [Symbol.dispose]() {} };
  }
  return loadCopy(join(sourceRoot, "src/scheduler"), mutant?.id ?? "none", (copy) => {
    for (const edit of mutant?.edits ?? []) applyEdit(copy, mutant?.id ?? "", edit);
    if (rewrite !== undefined) rewriteAll(copy, rewrite);
  });
}

/** The scheduler in another folder, such as that of another revision. It is copied; disposing removes the copy.
 * @throws VoidMutantError when the result cannot be loaded
 */
export function loadSchedulerOf(folder: string, rewrite: Rewrite): Promise<LoadedScheduler> {
  return loadCopy(folder, "of another folder", (copy) => rewriteAll(copy, rewrite));
}

async function loadCopy(own: string, id: string, change: (copy: string) => void): Promise<LoadedScheduler> {
  const folder = mkdtempSync(join(tmpdir(), "lockproof-mutant-"));
  try {
    const copy = join(folder, "scheduler");
    cpSync(own, copy, { recursive: true });
    mkdirSync(join(folder, "node_modules"));
    linkPackages(join(folder, "node_modules"), ["zod"]);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    change(copy);
    const path = join(copy, "scheduler.ts");
    const { createScheduler } = await load(id, path);
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

function rewriteAll(copy: string, rewrite: Rewrite): void {
  for (const name of readdirSync(copy, { recursive: true, encoding: "utf8" })) {
    const path = join(copy, name);
    if (extname(name) === ".ts") writeFileSync(path, rewrite(readFileSync(path, "utf8"), name));
  }
}

async function load(id: string, path: string): Promise<SchedulerModule> {
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as SchedulerModule;
  } catch (error) {
    throw new VoidMutantError(
      `scheduler mutant ${id}: it cannot be loaded: ${messageOf(error)}`,
      { where: `the mutant ${id}`, fix: "write the edit so that it is a program still" },
      error,
    );
  }
}

function applyEdit(copy: string, id: string, { file, find, replace }: SchedulerMutant["edits"][number]): void {
  const path = join(copy, file);
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const places = text.split(find).length - 1;
  if (places !== 1) {
    throw new VoidMutantError(`scheduler mutant ${id}: ${places} places to change, allowed exactly 1`, {
      where: `src/scheduler/${file}`,
      fix: "write the mutant anew, for the text as it is now",
    });
  }
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
}
