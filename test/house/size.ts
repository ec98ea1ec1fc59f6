/** The limits of size that the linter does not check, and the comparison with the list of exceptions. */
import { posix } from "node:path";
import type { Source } from "./sources.ts";
import { functionsOf } from "./syntax.ts";

export const mostLines = 60;
export const mostParameters = 4;
export const mostFiles = 15;

/** `src/check/observed/replay.ts replayEpoch`, for each function with more lines than allowed. */
export function longFunctions(source: Source): readonly string[] {
  return functionsOf(source)
    .filter(({ lines }) => lines > mostLines)
    .map(({ name }) => `${source.path} ${name}`);
}

export function wideFunctions(source: Source): readonly string[] {
  return functionsOf(source)
    .filter(({ parameters }) => parameters > mostParameters)
    .map(({ name }) => `${source.path} ${name}`);
}

/** The folders that hold more files beside each other than allowed; those of their sub-folders do not count. */
export function fullFolders(paths: readonly string[]): readonly string[] {
  const files = new Map<string, number>();
  for (const path of paths) files.set(posix.dirname(path), (files.get(posix.dirname(path)) ?? 0) + 1);
  return [...files].filter(([, count]) => count > mostFiles).map(([folder]) => folder);
}

/** One line for each new offence, and one for each exception that is no longer needed: the list may only shrink. */
export function notAsListed(found: readonly string[], exceptions: readonly string[], limit: string): readonly string[] {
  const added = found.filter((one) => !exceptions.includes(one)).map((one) => `${one}: at most ${limit}`);
  const needless = exceptions
    .filter((one) => !found.includes(one))
    .map((one) => `${one}: no longer an exception, remove it from test/house/size-exceptions.ts`);
  return [...new Set(added), ...needless];
}
