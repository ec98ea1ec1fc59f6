import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { UsageError } from "../../src/evidence/failure.ts";
import type { CodeMutant } from "../../src/mutate/mutant.ts";
import { stratified } from "../../src/mutate/order.ts";
import { type OutcomeKind, outcomeOf } from "../../src/mutate/outcome.ts";
import { intervalOf, scoreOf } from "../../src/mutate/score.ts";
import { linesOf } from "../../src/mutate/source/changed-lines.ts";
import { openState } from "../../src/mutate/state-file.ts";

const file = "src/scheduler/a.ts";
const outcomes = (kinds: Partial<Record<OutcomeKind, number>>) =>
  Object.entries(kinds).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, at) => outcomeOf({ id: `${kind}${at}`, file }, kind as OutcomeKind)),
  );

describe("the score", () => {
  it("is the share of the killed among those that count", () => {
    const found = outcomes({ killed: 6, survived: 2, no_coverage: 2, equivalent: 5, broken: 3 });
    expect(scoreOf(found)).toMatchObject({ judged: 10, share: 0.6 });
  });

  it("is none where no mutant counts, which is no perfect score", () => {
    expect(scoreOf(outcomes({ equivalent: 3 })).share).toBeNull();
    expect(intervalOf(scoreOf([]), 10)).toEqual({ least: 0, most: 1 });
  });

  it("is exact where all mutants have run, and uncertain for a sample", () => {
    const score = scoreOf(outcomes({ killed: 90, survived: 10 }));
    expect(intervalOf(score, 100)).toEqual({ least: 0.9, most: 0.9 });
    const { least, most } = intervalOf(score, 1_000_000);
    expect(least).toBeCloseTo(0.825, 2); // Wilson's interval of 90 of 100
    expect(most).toBeCloseTo(0.945, 2);
    const half = intervalOf(score, 200);
    expect(half.least).toBeGreaterThan(least);
    expect(half.most).toBeLessThan(most);
  });

  it("of a sample without a survivor is not certain to be perfect", () => {
    const { least, most } = intervalOf(scoreOf(outcomes({ killed: 50 })), 5_000);
    expect(least).toBeLessThan(0.95);
    expect(most).toBe(1);
  });
});

function mutants(name: string, count: number): readonly CodeMutant[] {
  const shared = { file: name, start: 0, end: 1, replacement: "", line: 1, column: 1, operator: "X", original: "a" };
  return Array.from({ length: count }, (_, at) => ({ ...shared, id: `${name}${at}`, number: at + 1 }));
}

describe("the order", () => {
  const all = [...mutants("a.ts", 600), ...mutants("b.ts", 300), ...mutants("c.ts", 100)];

  it("gives every file its share of every beginning", () => {
    const counts = Map.groupBy(stratified(all, 3).slice(0, 100), (one) => one.file);
    expect([...counts].map(([name, found]) => [name, found.length]).sort()).toEqual([
      ["a.ts", 60],
      ["b.ts", 30],
      ["c.ts", 10],
    ]);
  });

  it("is a function of the seed, and another for another seed", () => {
    const ids = (seed: number) => stratified(all, seed).map(({ id }) => id);
    expect(ids(3)).toEqual(ids(3));
    expect(ids(3)).not.toEqual(ids(4));
    expect(ids(3).toSorted()).toEqual(all.map(({ id }) => id).toSorted());
  });
});

describe("the file of results", () => {
  const folder = mkdtempSync(join(tmpdir(), "lockproof-state-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const killed = outcomeOf({ id: "0123456789ab", file }, "killed", { property: "V2", runs: 3, seconds: 0.2 });

  it("keeps what was found, for the next run", () => {
    const path = join(folder, "kept.jsonl");
    openState(path).keep(killed);
    expect(openState(path).kept.get(killed.id)).toEqual(killed);
  });

  it("drops a line that was cut off, and keeps the ones before it", () => {
    const path = join(folder, "cut.jsonl");
    openState(path).keep(killed);
    writeFileSync(path, `${readFileSync(path, "utf8")}{"id":"ffff`);
    expect([...openState(path).kept.keys()]).toEqual([killed.id]);
    openState(path).keep({ ...killed, id: "ba9876543210" });
    expect([...openState(path).kept.keys()]).toEqual([killed.id, "ba9876543210"]);
  });

  it("refuses a file of something else", () => {
    const path = join(folder, "other.txt");
    writeFileSync(path, "something else\n");
    expect(() => openState(path)).toThrow(UsageError);
  });
});

describe("the changed lines", () => {
  it("are those that were added or edited, by file", () => {
    const diff = [
      "diff --git a/src/a.ts b/src/a.ts",
      "--- a/src/a.ts",
      "+++ b/src/a.ts",
      "@@ -3 +3,2 @@ function a() {",
      "-old",
      "+new",
      "+newer",
      "@@ -9,2 +10,0 @@",
      "-gone",
      "-gone",
      "--- a/lua/b.lua",
      "+++ b/lua/b.lua",
      "@@ -0,0 +7 @@",
      "+added",
    ];
    const found = [...linesOf(diff.join("\n"))].map(([path, lines]) => [path, [...lines]]);
    expect(found).toEqual([
      ["src/a.ts", [3, 4]],
      ["lua/b.lua", [7]],
    ]);
  });
});
