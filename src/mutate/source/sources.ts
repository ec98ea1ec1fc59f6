/** The sources that can be mutated, and a copy of the checkout in which they are. */
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { UsageError } from "../../evidence/failure.ts";
import { folderOf, parts } from "../mutant.ts";
import type { Instrumented, SourceText } from "./typescript.ts";

/** What a run of the gate loads, and package.json. */
export const copiedFolders: readonly string[] = ["src", "model", "scenarios", "lua"];

/** @throws UsageError in the published package, which has no sources */
export function ownRoot(): string {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  if (existsSync(join(root, "src/scheduler/scheduler.ts"))) return root;
  throw new UsageError("there are no sources to mutate: this is the published package", {
    where: "lockproof mutate",
    fix: "run it in a checkout",
  });
}

/** All files that the gate judges, in the order of their paths. */
export function sourcesIn(root: string): readonly SourceText[] {
  return parts
    .map(folderOf)
    .flatMap((folder) => pathsIn(root, folder))
    .filter((path) => /\.(?:ts|lua)$/.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

function pathsIn(root: string, folder: string): readonly string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return names.map((name) => folder + name.split(sep).join("/"));
}

/** Writes a copy of the checkout into `folder`, with the mutants of the files at `paths` in it. @returns the root of the copy */
export function writeCopy(folder: string, root: string, instrumented: Instrumented, paths: readonly string[]): string {
  const copy = join(folder, "copy");
  for (const name of [...copiedFolders, "package.json"])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  const switchUrl = pathToFileURL(join(copy, "src/mutate/worker/switch.ts")).href;
  for (const path of paths) writeFileSync(join(copy, path), instrumented.textOf(path, switchUrl));
  return copy;
}
