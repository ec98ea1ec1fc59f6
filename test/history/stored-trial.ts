/** A small correct history of a run in a file, and ways to spoil it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Trial } from "../../src/check/judgement.ts";
import { checkFile } from "../../src/history/check-file.ts";
import { headLine } from "../../src/inject/observe/files.ts";
import { call, dump, entry, job, node, registered, seenAt, trialOf } from "../check/trials.ts";

const version = { epoch: "e1", sequence: 2 };
export const reserve = (from: number, reply = "reserved") =>
  call({ op: "reserve_job", node: "n1", job: "a", from, to: from + 9, reply, version });
const observations = [
  dump(0, []),
  entry(1, registered()),
  seenAt(12, entry(2, job("reserved", "a", 1))),
  seenAt(13, dump(2, [[node(2, { current_jobs: 1 }), ["a"]]])),
];
export const theEnd = { kind: "phase", at: 90, name: "end" } as const;
export const trial = (history: Trial["history"]) => trialOf({ history, observations });
export const good = trial([reserve(10), reserve(11, "already"), theEnd]);

export type Spoil = (lines: string[]) => void;

/** @returns the file. Of a scenario of the user's own, for a run of ours has far more to show. */
export function storeIn(folder: string, stored: Trial, spoil: Spoil = () => {}): string {
  const file = join(folder, "history.jsonl");
  const run = { scenario: "small-run", redis: "single", seed: 7, properties: ["L1", "J1"] } as const;
  const lines = [headLine(run, stored), ...stored.history, ...stored.observations].map((one) => JSON.stringify(one));
  spoil(lines);
  writeFileSync(file, lines.join("\n"));
  return file;
}

export const check = (file: string) => checkFile({ file, model: null, budget: 1_000, now: () => 0 });

/** In one line of the file, counted from 1. */
export const edit =
  (line: number, right: string | RegExp, wrong: string) =>
  (lines: string[]): void => {
    const before = lines[line - 1] ?? "";
    lines[line - 1] = before.replace(right, wrong);
    if (lines[line - 1] === before) throw new Error(`nothing to replace in ${before}`);
  };
