/** The file that keeps results, one line a mutant, so that a run can be interrupted and continued. The last line of a mutant counts. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { UsageError } from "../evidence/failure.ts";
import { type Outcome, outcomeSchema } from "./outcome.ts";

export interface StateFile {
  readonly kept: ReadonlyMap<string, Outcome>;
  keep(outcome: Outcome): void;
}

/** @param path null: nothing is kept @throws UsageError for a file of something else */
export function openState(path: string | null): StateFile {
  const kept = new Map<string, Outcome>();
  if (path !== null && existsSync(path)) {
    const text = readFileSync(path, "utf8");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole !== text) writeFileSync(path, whole); // the rest was cut off when its process was killed
    for (const [at, line] of whole.split("\n").slice(0, -1).entries()) {
      const outcome = readLine(line, `${path}:${at + 1}`);
      kept.set(outcome.id, outcome);
    }
  }
  return {
    kept,
    keep(outcome) {
      kept.set(outcome.id, outcome);
      if (path !== null) appendFileSync(path, `${JSON.stringify(outcome)}\n`);
    },
  };
}

function readLine(line: string, where: string): Outcome {
  try {
    return outcomeSchema.parse(JSON.parse(line));
  } catch (error) {
    throw new UsageError(
      "found a line that is no result of lockproof mutate",
      { where, fix: "name a file that an earlier run wrote with --state, or a new one" },
      error,
    );
  }
}
