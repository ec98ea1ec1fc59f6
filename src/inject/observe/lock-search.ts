/**
 * The static part of K4: searches scripts and code for locks. In the installed package both are searched: the compiled files, which run, and the sources, whose
 * types show what waits.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LockSearch } from "../../check/history.ts";
import { isInstalled, sourceRoot } from "../../mutants/source-root.ts";

export async function searchForLocks(root = sourceRoot, isCompiled = isInstalled): Promise<LockSearch> {
  const { lockEvidence, lockFreeFolders, selectionRoots } = await import("../../check/locks/lock-free.ts");
  const compiled = isCompiled
    ? lockFreeFolders.filter((folder) => folder !== "lua").map((folder) => `dist/${folder}`)
    : [];
  const roots =
    compiled.length === 0
      ? []
      : selectionRoots.map(([path, name]) => [`dist/${path.replace(/ts$/u, "js")}`, name] as const);
  const paths = [...lockFreeFolders, ...compiled].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(?:ts|js|lua)$/u.test(file) && !file.endsWith(".d.ts"))
      .map((file) => `${folder}/${file.replaceAll("\\", "/")}`),
  );
  const sources = paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
  const { found, searched } = lockEvidence(sources, [...selectionRoots, ...roots]);
  return { kind: "lock_search", files: searched.files.length, functions: searched.functions.length, found };
}
