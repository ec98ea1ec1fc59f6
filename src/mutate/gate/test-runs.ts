/** The harness's own tests, as runs that judge mutants of the checkers: those beside each other in one folder make one run. */
import { readdirSync } from "node:fs";
import { join, posix, relative, sep } from "node:path";
import type { GateRun } from "../worker/messages.ts";

/** The tests of the checkers, and of what they are made of. Tests of the sources' text, of commands and with real servers are left out. */
const roots = ["judges", "check", "history", "conform", "explore", "verify", "report", "evidence", "simulate"] as const;

type TestRun = Extract<GateRun, { readonly kind: "tests" }>;

export function testRuns(root: string): readonly TestRun[] {
  const files = roots.flatMap((name) => testsIn(root, `test/${name}`));
  const byFolder = Map.groupBy(files, (file) => posix.dirname(file));
  return [...byFolder].map(([folder, ofFolder]) => ({ kind: "tests", folder, files: ofFolder.sort() }));
}

function testsIn(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(({ name }) => /^[^.]+\.test\.ts$/u.test(name))
    .map(({ name, parentPath }) => relative(root, join(parentPath, name)).split(sep).join("/"));
}

/** Tests of the mutated file's own folder come first: they find most of its mutants. */
export function nearestFirst<Made extends { readonly run: GateRun }>(
  runs: readonly Made[],
  file: string,
): readonly Made[] {
  return runs.toSorted((one, other) => sharedWith(other.run, file) - sharedWith(one.run, file));
}

/** How many folders of `src/a/b/c.ts` the tests in `test/a/b` share. */
function sharedWith(run: GateRun, file: string): number {
  if (run.kind !== "tests") return 0;
  const [tested, mutated] = [run.folder.split("/").slice(1), file.split("/").slice(1, -1)];
  const parted = mutated.findIndex((name, at) => name !== tested[at]);
  return parted < 0 ? mutated.length : parted;
}
