import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { VoidMutantError } from "../../../src/evidence/failure.ts";
import type { Hunted } from "../../../src/simulate/batch/hunt.ts";
import type { ConformOptions, Layers } from "../../../src/verify/layers.ts";
import { matrixLines, seedsNeeded } from "../../../src/verify/mutant-matrix.ts";
import { command, conformEvidence, conformToken, jsonLines } from "../terminal.ts";

const hunted: Hunted = {
  ...{ verdict: "killed", property: "C1", seeds: [3], token: "lp1:x", shrunk: null, reason: null },
};
const both = ["--mutant", "capacity-checked-after", "--id", "feed-not-appended"];

describe("mutants", () => {
  it("ends with 0 when every one is killed, an object each with --json", async () => {
    const { code, out } = await command(["mutants", "--json", "--runs", "9", ...both]);
    const killed = { layer: "conform", verdict: "killed", property: "J1", runs_to_kill: 9, token: conformToken };
    expect(code).toBe(0);
    expect(jsonLines(out)).toEqual([
      { id: "capacity-checked-after", origin: "capacity checked after adding", planted_in: "scripts", ...killed },
      { id: "feed-not-appended", origin: "the feed is not appended", planted_in: "scripts", ...killed },
    ]);
  });

  it("runs a mutant of the scheduler in the scenario that shows it, then the unchanged one, and names the property that it violates", async () => {
    const { code, out, calls } = await command(["mutants", "--mutant", "no-read-deadline", "--json"]);
    expect(code).toBe(0);
    expect(jsonLines(out)).toMatchObject([{ layer: "inject", verdict: "killed", property: "D1" }]);
    expect(calls.inject.map(({ mutant, scenario }) => [scenario, mutant])).toEqual([
      ["redis-slow", "no-read-deadline"],
      ["redis-slow", undefined],
    ]);
  });

  it("runs the unchanged system only once for all mutants of a part", async () => {
    const { calls } = await command(["mutants", ...both]);
    expect(calls.conform.map(({ mutant }) => mutant)).toEqual([
      "capacity-checked-after",
      undefined,
      "feed-not-appended",
    ]);
  });

  it.each([
    ["held", 1, "survived"],
    ["unknown", 2, "void"],
  ] as const)("with a run that is %s ends with %i: %s", async (verdict, code, word) => {
    const runConform = async (options: ConformOptions) => ({ ...conformEvidence(options, false), verdict });
    const ended = await command(["mutants", "--mutant", "feed-not-appended"], { layers: { runConform } });
    expect(ended.code).toBe(code);
    expect(ended.out).toMatch(new RegExp(`^${word} +feed-not-appended +F1`, "m"));
  });

  it("is void where the unchanged system fails too", async () => {
    const runConform = async (options: ConformOptions) => conformEvidence(options, true);
    const { code, out } = await command(["mutants", ...both, "--json"], { layers: { runConform } });
    expect(code).toBe(2);
    expect(jsonLines(out).map(({ verdict }) => verdict)).toEqual(["void", "void"]);
    expect(out).toContain("without it the run is violated too");
  });

  it("is void where it does not apply; other broken runs are no verdict on the mutant", async () => {
    const failing = (error: Error): Partial<Layers> => ({ huntSimulate: () => Promise.reject(error) });
    const detail = { where: "", fix: "" };
    const words = ["mutants", "--layer", "simulate", "--json"];
    const { code, out } = await command(words, { layers: failing(new VoidMutantError("2 places", detail)) });
    expect(code).toBe(2);
    expect(jsonLines(out)).toMatchObject([{ verdict: "void", reason: "2 places" }]);
    expect((await command(words, { layers: failing(new Error("no memory")) })).code).toBe(3);
  });

  it("goes on to the next layer only where none has killed it, unless --matrix is given", async () => {
    const bug = { id: "b", part: "scheduler", origin: "o", property: "D1", scenario: "redis-slow" } as const;
    const mutants = [
      { ...bug, layer: "simulate" },
      { ...bug, layer: "inject" },
    ] as const;
    const run = async (verdict: Hunted["verdict"], ...words: readonly string[]) => {
      const layers = { mutants, huntSimulate: async () => ({ ...hunted, verdict }) };
      const { code, out } = await command(["mutants", "--json", ...words], { layers });
      return [code, ...jsonLines(out).map((line) => `${line["layer"]} ${line["verdict"]}`)];
    };
    expect(await run("killed")).toEqual([0, "simulate killed"]);
    expect(await run("killed", "--matrix")).toEqual([0, "simulate killed", "inject killed"]);
    expect(await run("survived")).toEqual([0, "simulate survived", "inject killed"]);
    expect(await run("survived", "--layer", "simulate")).toEqual([1, "simulate survived"]);
  });

  it("refuses a layer that runs none of the named mutants", async () => {
    const { code, err } = await command(["mutants", "--mutant", "no-jitter", "--layer", "inject"]);
    expect(code).toBe(64);
    expect(err).toContain("name one of simulate");
  });

  it("prints and writes how many seeds it took, round by round", async () => {
    const dir = mkdtempSync(join(tmpdir(), "lockproof-test-"));
    try {
      const page = join(dir, "mutants.md");
      const words = ["mutants", "--layer", "simulate", "--rounds", "20", "--seed", "7", "--page", page];
      const { code, out } = await command(words);
      expect(code).toBe(0);
      expect(out).toContain("| no-jitter | C1 | avalanche | killed | 10 | 18 | 20 |  |  |");
      expect(readFileSync(page, "utf8")).toContain("\n- 10, 18, 20: `no-jitter`\n");
      expect(out).toContain("1 of 1 mutant killed in every round; 1 of them need at most 50 seeds in the median");
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

describe("the matrix", () => {
  it("shows killed, survived, not run, unseen, and what a layer cannot run", () => {
    const bug = { origin: "o", property: "D1" } as const;
    const known = [
      { ...bug, id: "a", part: "design", layer: "explore" },
      { ...bug, id: "a", part: "scheduler", layer: "simulate" },
      { ...bug, id: "a", part: "scheduler", layer: "inject" },
    ] as const;
    const evidence = {
      ...bug,
      id: "a",
      layer: "simulate",
      verdict: "survived",
      runs_to_kill: null,
      token: null,
    } as const;
    const outcomes = [{ mutant: known[1], evidence, reason: null, hunted: null }];
    const lines = matrixLines({ chosen: known, known, outcomes, unseen: { "scheduler b": "not observable" } });
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ["mutant", "explore", "conform", "simulate", "inject", "bench", "check"],
      ["design a", "not run", "-", "-", "-", "-", "-"],
      ["scheduler a", "-", "-", "survived", "not run", "-", "-"],
      ["scheduler b", "-", "-", "unseen", "-", "-", "-"],
      ["killed", "0 of 0", "0 of 0", "0 of 1", "0 of 0", "0 of 0", "0 of 0"],
      ["unseen: scheduler b: not observable"],
    ]);
  });
});

describe("seeds needed", () => {
  it.each([
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 5, 9],
    [[4], 4, 4],
    [[1, null, null], Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])("of %j are %d in the median and %d for 90 %%", (seeds, median, p90) => {
    expect(seedsNeeded(seeds)).toEqual({ median, p90 });
  });
});
