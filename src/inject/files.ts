/** What a run leaves behind to be looked at, and judged, again: one JSON object a line. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Trial } from "../check/judgement.ts";

/** First a line about the run itself, then the history, then what the observer saw.
 * @returns the names of the files, relative to `dir`
 */
export function writeTrial(dir: string, scenario: string, seed: number, trial: Trial): string {
  mkdirSync(dir, { recursive: true });
  const { bounds, history, instances, observations, side } = trial;
  const head = { kind: "trial", scenario, seed, side, instances, bounds };
  const name = `inject-${scenario}-${seed}-${side}.jsonl`;
  const lines = [head, ...history, ...observations].map((event) => JSON.stringify(event));
  writeFileSync(join(dir, name), `${lines.join("\n")}\n`);
  return name;
}
