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

/** Every file below `folder` (from the root) whose name ends in one of `endings`. */
export function sourcesIn(folder: string, endings: readonly string[] = [".ts", ".js"]): readonly Source[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes(`${sep}node_modules${sep}`))
    .map((path) => ({ path: relative(root, path).split(sep).join("/"), text: readFileSync(path, "utf8") }))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}

export function topLevel(): readonly string[] {
  return readdirSync(root).sort();
}

/** The file of that name at the root; none where it does not exist yet. */
export function sourcesAtTop(name: string): readonly Source[] {
  return topLevel().includes(name) ? [{ path: name, text: readFileSync(join(root, name), "utf8") }] : [];
}
