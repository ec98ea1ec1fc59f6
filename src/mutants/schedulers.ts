/**
 * Wrong schedulers, to check the checkers: a copy of the scheduler's folder with a few lines changed, loaded beside the right one. In the published
 * package, which has other sources, only those edits apply that keep to the text of one line, without its indentation; those of the canaries do.
 */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { SchedulerMutant } from "../../scenarios/mutants/scheduler/mutant.ts";
import { rareMutants } from "../../scenarios/mutants/scheduler/rare.ts";
import { schedulerMutants } from "../../scenarios/mutants/scheduler/registry.ts";
import { messageOf, UsageError, VoidMutantError } from "../evidence/failure.ts";

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
  const own = fileURLToPath(new URL("../scheduler", import.meta.url));
  return loadCopy(own, mutant?.id ?? "none", (copy) => {
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
    symlinkSync(packages(), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    change(copy);
    const path = join(copy, `scheduler${extension}`);
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

/** `.ts` in a checkout, `.js` in the published package. */
const extension = extname(fileURLToPath(import.meta.url));

/** Where the packages are that the scheduler uses. */
function packages(): string {
  return dirname(dirname(createRequire(import.meta.url).resolve("zod/package.json")));
}

function rewriteAll(copy: string, rewrite: Rewrite): void {
  for (const name of readdirSync(copy, { recursive: true, encoding: "utf8" })) {
    const path = join(copy, name);
    if (extname(name) === extension) writeFileSync(path, rewrite(readFileSync(path, "utf8"), name));
  }
}

async function load(id: string, path: string): Promise<SchedulerModule> {
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as SchedulerModule;
  } catch (error) {
    throw new VoidMutantError(
      `scheduler mutant ${id}: it cannot be loaded: ${messageOf(error)}`,
      { where: "scenarios/mutants/scheduler", fix: "write the edit so that it is a program still" },
      error,
    );
  }
}

function applyEdit(copy: string, id: string, { file, find, replace }: SchedulerMutant["edits"][number]): void {
  const path = join(copy, file.replace(/\.ts$/u, extension));
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const places = text.split(find).length - 1;
  if (places !== 1) {
    throw new VoidMutantError(`scheduler mutant ${id}: ${places} places to change, allowed exactly 1`, {
      where: `src/scheduler/${file}`,
      fix: "write the edit in scenarios/mutants/scheduler/ anew, for the text as it is now",
    });
  }
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
}
