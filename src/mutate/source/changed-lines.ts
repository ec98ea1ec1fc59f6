/** The lines that differ from a revision. */
import { execFileSync } from "node:child_process";
import { messageOf, UsageError } from "../../evidence/failure.ts";

/** By file, from the root; lines are counted from 1. */
export type ChangedLines = ReadonlyMap<string, ReadonlySet<number>>;

/** Returns the changed lines of the working tree, uncommitted changes included. @throws UsageError where git does not know the revision */
export function changedSince(root: string, revision: string): ChangedLines {
  try {
    const args = ["diff", "--unified=0", "--no-color", "--no-ext-diff", "--relative", revision, "--", "src", "lua"];
    return linesOf(execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: "pipe", maxBuffer: 2 ** 28 }));
  } catch (error) {
    throw new UsageError(
      `git finds no difference from ${JSON.stringify(revision)}: ${messageOf(error).trim()}`,
      { where: "--since", fix: "name a commit, a branch or a tag of this checkout" },
      error,
    );
  }
}

/** @param diff without lines of context */
export function linesOf(diff: string): ChangedLines {
  const changed = new Map<string, Set<number>>();
  let lines = new Set<number>();
  for (const line of diff.split("\n")) {
    const file = /^\+\+\+ b\/(.+)$/.exec(line)?.[1];
    if (file !== undefined) {
      lines = new Set();
      changed.set(file, lines);
    }
    const [, first, count = "1"] = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    for (let at = 0; first !== undefined && at < Number(count); at += 1) lines.add(Number(first) + at);
  }
  return changed;
}
