import { describe, expect, it } from "vitest";
import type { Layers } from "../../../src/verify/layers.ts";
import { command, jsonLines } from "../terminal.ts";

type Asked = Parameters<Layers["prepareGuided"]>[0];
type Limit = Parameters<Awaited<ReturnType<Layers["prepareGuided"]>>>[0];

/** A simulator that records its options and its limits. */
function simulator(verdict: "held" | "violated" = "held") {
  const asked: Asked[] = [];
  const limits: Limit[] = [];
  const layers: Pick<Layers, "prepareGuided" | "simulatedNames" | "rareMutants"> = {
    simulatedNames: async () => ["redis-gone", "random-nemesis", "close-quarters"],
    rareMutants: ["rare-one"],
    async prepareGuided(options) {
      asked.push(options);
      return async (limit) => {
        limits.push(limit);
        const { runs = 7, seed, shard } = options;
        const made = {
          fresh: 1,
          filled: 2,
          redrawn: 2,
          changed: 1,
          reordered: 1,
          situations: { block: 40, times: 2 },
          kept: 5,
          curve: [],
        };
        const guided = { ...made, seed, shard: `${shard.index}/${shard.of}`, runs };
        const nothing = { properties: [], violations: [], mutants: [], series: [], faults: [] };
        const json = { summary: true, verdict, events_per_second: 200_000, guided };
        return { name: "simulate", verdict, runs, duration_ms: 1, ...nothing, guided, json };
      };
    },
  };
  return { asked, limits, surroundings: { layers } };
}

describe("simulate --guided", () => {
  it("runs the scenarios whose faults are drawn, and says how to make the same runs again", async () => {
    const { asked, limits, surroundings } = simulator();
    const words = ["simulate", "--guided", "--seed", "7", "--shard", "2/3", "--corpus", "somewhere"];
    const { code, out } = await command(words, surroundings);
    expect(code).toBe(0);
    expect(asked.map(({ scenario }) => scenario)).toEqual(["random-nemesis", "close-quarters"]);
    expect(asked[0]).toMatchObject({ seed: 7, runs: 200, corpus: "somewhere", shard: { index: 2, of: 3 } });
    expect(limits.map(({ budget }) => budget)).toEqual([undefined, undefined]);
    expect(out).toContain("lockproof simulate --guided   scenario random-nemesis   seed 7   shard 2/3");
    expect(out).toContain(
      "3 of new seeds (2 with more faults), 2 drawn anew, 1 changed, 1 reordered; 42 situations, 5 runs kept",
    );
    expect(out).toContain(
      "again: lockproof simulate --guided --scenario close-quarters --seed 7 --shard 2/3 --runs 200",
    );
  });

  it("shares the time among the scenarios, and makes as many runs as fit", async () => {
    const { asked, limits, surroundings } = simulator();
    await command(["simulate", "--guided", "--seed", "7", "--budget", "10m"], surroundings);
    expect(asked[0]?.runs).toBeUndefined();
    const [first = 0, second = 0] = limits.map(({ budget }) => budget ?? 0);
    expect(first).toBeGreaterThan(290_000);
    expect(first).toBeLessThanOrEqual(300_000);
    expect(second).toBeGreaterThan(first);
  });

  it("ends with 1 where something is violated, and prints only JSON with --json", async () => {
    const { surroundings } = simulator("violated");
    const words = ["simulate", "--guided", "--scenario", "close-quarters", "--runs", "9", "--json"];
    const { code, out } = await command(words, surroundings);
    expect(code).toBe(1);
    expect(jsonLines(out)).toMatchObject([{ summary: true, verdict: "violated", guided: { runs: 9, shard: "1/1" } }]);
  });

  it("knows the rare mutants, with --guided and without", async () => {
    const { asked, surroundings } = simulator();
    await command(["simulate", "--guided", "--mutant", "rare-one"], surroundings);
    expect(asked[0]?.mutant).toBe("rare-one");
  });

  it.each([
    [["--guided", "--seeds", "1..5"], /--seeds with --guided/],
    [["--guided", "--cost"], /--cost with --guided/],
    [["--guided", "--on", "redis"], /--on with --guided/],
    [["--guided", "--token", "lp1:x"], /--token without --on redis/],
    [["--guided", "--runs", "0"], /an integer from 1/],
    [["--guided", "--mutant", "gone"], /unknown mutant "gone"/],
    [["--runs", "5"], /--runs without --guided/],
    [["--corpus", "somewhere"], /--corpus without --guided/],
  ])("refuses %j", async (words, message) => {
    const { code, err } = await command(["simulate", ...words], simulator().surroundings);
    expect(code).toBe(64);
    expect(err).toMatch(message);
  });
});
