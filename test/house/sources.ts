/** The project's own source files, as texts. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Source {
  /** From the root, with forward slashes: `src/check/verdict.ts`. */
  readonly path: string;
  readonly text: string;
}

/** The paths of every file below `folder` (from the root) whose name ends in one of `endings`, from the root. */
export function pathsIn(folder: string, endings: readonly string[] = [""]): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes(`${sep}node_modules${sep}`))
    .map((path) => relative(root, path).split(sep).join("/"))
    .sort();
}

/** The same files with their texts. */
export function sourcesIn(folder: string, endings: readonly string[] = [".ts", ".js"]): readonly Source[] {
  return pathsIn(folder, endings).map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

export function topLevel(): readonly string[] {
  return readdirSync(root).sort();
}

/** The file of that name at the root; none where it does not exist yet. */
export function sourcesAtTop(name: string): readonly Source[] {
  return topLevel().includes(name) ? [{ path: name, text: readFileSync(join(root, name), "utf8") }] : [];
}

/** The anchor that GitHub makes of a heading: lower case, spaces as hyphens, only letters, digits, hyphens and underscores. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}
