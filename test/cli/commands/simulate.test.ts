import { once } from "node:events";
import { describe, expect, it } from "vitest";
import type { Layers } from "../../../src/verify/layers.ts";
import { command, jsonLines } from "../terminal.ts";

type Asked = Parameters<Layers["runSimulate"]>[0];

/** A simulator that records its options. */
function simulator(verdict: "held" | "violated" = "held") {
  const asked: Asked[] = [];
  const layers: Pick<Layers, "runSimulate"> = {
    async runSimulate(options) {
      asked.push(options);
      const { scenario, seeds } = options;
      const seed = seeds.from;
      const line = {
        scenario,
        seed,
        verdict,
        trace_hash: "00ff",
        events: 9,
        virtual_ms: 7,
        wall_ms: 1,
        token: "lp1:x",
      };
      options.onSeed?.(line, []);
      const nothing = { properties: [], violations: [], mutants: [], series: [], faults: [] };
      const json = { summary: true, scenario, verdict, events_per_second: 200_000, times_real: 1_000 };
      return { name: "simulate", verdict, runs: 1, duration_ms: 1, ...nothing, json };
    },
  };
  return { asked, surroundings: { layers } };
}

describe("simulate", () => {
  it("prints one line for each seed and a summary with --json, and nothing else", async () => {
    const { asked, surroundings } = simulator();
    const words = ["simulate", "--scenario", "random-nemesis", "--seeds", "1..2000", "--shard", "3/8", "--json"];
    const { code, out } = await command(words, surroundings);
    expect(code).toBe(0);
    expect(jsonLines(out).map((line) => Object.keys(line as object))).toEqual([
      ["scenario", "seed", "verdict", "trace_hash", "events", "virtual_ms", "wall_ms", "token"],
      ["summary", "scenario", "verdict", "events_per_second", "times_real"],
    ]);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      scenario: "random-nemesis",
      seeds: { from: 1, to: 2_000 },
      shard: { index: 3, of: 8 },
    });
  });

  it("runs every scenario that can be simulated where none is named, and ends with 1 where one is violated", async () => {
    const { asked, surroundings } = simulator("violated");
    const { code, out } = await command(["simulate", "--seed", "7"], surroundings);
    expect(code).toBe(1);
    expect(asked.map(({ scenario, seeds }) => [scenario, seeds.from, seeds.to])).toEqual([
      ["redis-gone", 7, 7],
      ["random-nemesis", 7, 7],
    ]);
    expect(out).toContain("lockproof simulate   scenario redis-gone   seeds 7..7");
  });

  it("is not green where the budget left a scenario out, although the batch before was complete", async () => {
    const { asked, surroundings } = simulator();
    const { runSimulate } = surroundings.layers;
    const slow: Partial<Layers> = {
      async runSimulate(options) {
        if (!options.signal.aborted) await once(options.signal, "abort");
        return await runSimulate(options);
      },
    };
    const { code, err } = await command(["simulate", "--seed", "1", "--budget", "1ms"], { layers: slow });
    expect([code, asked.length]).toEqual([2, 1]);
    expect(err).toContain("not begun: random-nemesis");
  });

  it.each([
    [["--seeds", "9..1"], /allowed: a\.\.b with 0 <= a <= b/],
    [["--seeds", "1..99999999999"], /allowed: a\.\.b/],
    [["--seeds", "1-5"], /allowed: a\.\.b/],
    [["--seeds", "1..5", "--seed", "3"], /both --seed and --seeds/],
    [["--scenario", "redis-gon"], /did you mean redis-gone\?/],
    [["--mutant", "gone"], /unknown mutant "gone"/],
    [["--shard", "9/8"], /i\/n with 1 <= i <= n/],
  ])("refuses %j", async (words, message) => {
    const { code, err } = await command(["simulate", ...words], simulator().surroundings);
    expect(code).toBe(64);
    expect(err).toMatch(message);
  });
});
