import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { BrokenRunError } from "../../src/evidence/failure.ts";
import { keyOf, readBaseline, writeBaseline } from "../../src/mutate/gate/baseline-file.ts";
import { foundText, measure, usable } from "../../src/mutate/gate/measure.ts";
import { inOrder, type Measured } from "../../src/mutate/gate/runs.ts";
import type { GateRun } from "../../src/mutate/worker/messages.ts";

const folder = mkdtempSync(join(tmpdir(), "lockproof-baseline-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const simulated = (scenario: string, seed: number, cost: number): Measured => {
  const run: GateRun = { kind: "simulate", scenario, seed };
  return { run, cost, took: 9, trace: "ab12", reached: new Set([1, 8, 4_491]), met: ["V2"], found: null };
};
const runs = [simulated("steady", 1, 900), simulated("steady", 2, 700), simulated("redis-gone", 1, 800)];
const broken = { ...simulated("redis-gone", 2, 1), found: "V2: n1 went back" };

describe("what the code as it is has shown", () => {
  const path = join(folder, "results.jsonl.baseline");
  const named = runs.map(({ run }) => run);

  it("is kept for the same sources and runs, and for no others", () => {
    const baseline = { runs: [...runs, broken], loaded: new Set([3]) };
    writeBaseline(path, "key", baseline);
    expect(readBaseline(path, "key", [...named, broken.run])).toEqual(baseline);
    expect(readBaseline(path, "other", named)).toBeNull();
    writeFileSync(path, readFileSync(path, "utf8").slice(0, 40));
    expect(readBaseline(path, "key", named)).toBeNull();
  });

  it("has a key that any change of the sources changes, and the place of the copy does not", () => {
    const keyAt = (name: string, text: string): string => {
      mkdirSync(join(folder, name, "src"), { recursive: true });
      writeFileSync(join(folder, name, "src/a.ts"), text.replace("ROOT", join(folder, name)));
      return keyOf(join(folder, name), ["src"], named);
    };
    expect(keyAt("one", 'import "file://ROOT/b.ts";')).toBe(keyAt("two", 'import "file://ROOT/b.ts";'));
    expect(keyAt("one", "const a = 1;")).not.toBe(keyAt("two", "const a = 2;"));
  });

  it("is not measured again where all of it is known", async () => {
    const known = { runs, loaded: new Set<number>() };
    const { signal } = new AbortController();
    const options = { root: "nowhere", redisServer: null, signal, now: () => 0, onProgress: () => {} };
    expect(await measure(named, known, options)).toBe(known);
  });

  it("leaves out the runs that find something, and is broken where all do", () => {
    expect(usable([...runs, broken])).toEqual(runs);
    expect(foundText([...runs, broken])).toEqual(["simulate redis-gone, seed 2: V2: n1 went back"]);
    expect(() => usable([broken])).toThrow(BrokenRunError);
  });
});

describe("the order of the runs", () => {
  it("has one seed of each scenario before the second of any, the cheapest first", () => {
    const order = inOrder(runs).map(({ run }) => (run.kind === "simulate" ? `${run.scenario} ${run.seed}` : ""));
    expect(order).toEqual(["steady 2", "redis-gone 1", "steady 1"]);
  });
});
