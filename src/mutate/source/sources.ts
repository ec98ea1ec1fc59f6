/** The sources that can be mutated, and a copy of the checkout in which they are. */
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
import { tmpdir } from "node:os";
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

export interface Copy extends Disposable {
  readonly root: string;
}

/** Disposing removes the copy. */
export function copyWith(root: string, instrumented: Instrumented, paths: readonly string[]): Copy {
  const folder = mkdtempSync(join(tmpdir(), "lockproof-mutate-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    for (const name of [...copiedFolders, "package.json"])
      cpSync(join(root, name), join(folder, name), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const switchUrl = pathToFileURL(join(folder, "src/mutate/worker/switch.ts")).href;
    for (const path of paths) writeFileSync(join(folder, path), instrumented.textOf(path, switchUrl));
    return { root: folder, [Symbol.dispose]: remove };
  } catch (error) {
    remove();
    throw error;
  }
}
