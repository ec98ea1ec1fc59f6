/**
 * Where the sources of the scheduler and of its Redis side are, which mutants change and K4 searches: in the checkout, or in the installed package, which
 * has them beside what is compiled of them.
 */
import { symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** In the installed package, whose compiled files run. */
export const isInstalled: boolean = import.meta.url.endsWith(".js");

/** The folder with `src` and `lua`. */
export const sourceRoot: string = fileURLToPath(new URL(isInstalled ? "../../.." : "../..", import.meta.url));

/** Links the packages that a copy of the sources imports, wherever the package manager has put them. */
export function linkPackages(folder: string, names: readonly string[]): void {
  const { resolve } = createRequire(import.meta.url);
  for (const name of names) {
    const file = resolve(name);
    const inside = `${sep}node_modules${sep}${name}${sep}`;
    const end = file.lastIndexOf(inside) + inside.length - 1;
    symlinkSync(file.slice(0, end), join(folder, name), "dir");
  }
}
