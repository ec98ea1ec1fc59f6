/** K4, statically: no lock-like command or name in scripts and code, and no waiting between the view and a selection. */

import { lockNames } from "./names.ts";
import { selectionPath } from "./selection-path.ts";
import type { SourceText } from "./syntax.ts";

export interface LockEvidence {
  /** One line for each offence, `path:line what`; empty: none. */
  readonly found: readonly string[];
  /** The texts that were read. With no files or no functions nothing was shown. */
  readonly searched: { readonly files: readonly string[]; readonly functions: readonly string[] };
}

/** Where a selection begins. */
export const selectionRoots = [
  ["src/scheduler/selection/select.ts", "selectNodes"],
  ["src/scheduler/scheduler.ts", "selectNodes"],
] as const;

/** The folders that have to be searched, from the root of the project. */
export const lockFreeFolders = ["lua", "src/scheduler", "src/redis"] as const;

/** @param sources all files of `lockFreeFolders`; others are searched too
 * @throws UnreadableSource
 */
export function lockEvidence(
  sources: readonly SourceText[],
  roots: readonly (readonly [path: string, name: string])[] = selectionRoots,
): LockEvidence {
  const code = sources.filter(({ path }) => !path.endsWith(".lua"));
  const path = selectionPath(code, roots);
  const unsearched = lockFreeFolders
    .filter((folder) => !sources.some((source) => source.path.startsWith(`${folder}/`)))
    .map((folder) => `${folder}/ was not handed in: nothing there was searched`);
  return {
    found: [...unsearched, ...sources.flatMap(lockNames), ...path.found],
    searched: { files: sources.map((source) => source.path), functions: path.functions },
  };
}
