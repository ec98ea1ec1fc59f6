/** The sources that can be mutated, and a copy of the checkout in which they are. */
import { appendFileSync, cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { UsageError } from "../../evidence/failure.ts";
import { foldersOf, type Part } from "../mutant.ts";
import type { Instrumented, SourceText } from "./typescript.ts";

/** Folders that a run of the gate loads. */
const loadedFolders: readonly string[] = ["src", "model", "scenarios", "lua"];
/** Folders that the harness's own tests read as well. */
const testFolders: readonly string[] = ["test", "docs"];

export function copiedFolders(part: readonly Part[]): readonly string[] {
  return part.includes("checkers") ? [...loadedFolders, ...testFolders] : loadedFolders;
}

/** @throws UsageError in the installed package, which has no tests and only a part of the sources */
export function ownRoot(): string {
  if (import.meta.url.endsWith(".ts")) return fileURLToPath(new URL("../../..", import.meta.url));
  throw new UsageError("mutate needs a checkout of lockproof, and this is the installed package", {
    where: "lockproof mutate",
    fix: "run it in a checkout",
  });
}

/** All files of the parts, in the order of their paths. */
export function sourcesIn(root: string, parts: readonly Part[]): readonly SourceText[] {
  return parts
    .flatMap(foldersOf)
    .flatMap((folder) => pathsIn(root, folder))
    .filter((path) => /\.(?:ts|lua)$/.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

function pathsIn(root: string, folder: string): readonly string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return names.map((name) => folder + name.split(sep).join("/"));
}

export interface CopyOptions {
  /** The checkout. */
  readonly root: string;
  readonly parts: readonly Part[];
  readonly instrumented: Instrumented;
  /** The files that get their mutants. */
  readonly paths: readonly string[];
}

/** Writes a copy of the checkout into `folder`. @returns the root of the copy */
export function writeCopy(folder: string, { instrumented, parts, paths, root }: CopyOptions): string {
  const copy = join(folder, "copy");
  const files = ["package.json", "tsconfig.json", "vitest.config.ts"];
  for (const name of [...copiedFolders(parts), ...files])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  const switchUrl = pathToFileURL(join(copy, "src/mutate/worker/switch.ts")).href;
  for (const path of paths) writeFileSync(join(copy, path), instrumented.textOf(path, switchUrl));
  if (parts.includes("checkers"))
    appendFileSync(join(copy, "test/setup.ts"), 'import "../src/mutate/worker/tests-setup.ts";\n');
  return copy;
}
