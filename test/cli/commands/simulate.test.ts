import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { encodeToken } from "../../../src/evidence/token.ts";
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

describe("simulate --scheduler", () => {
  const file = fileURLToPath(new URL("../../../docs/example/naive/scheduler.ts", import.meta.url));

  it("runs the module in place of ours, and says how its tokens are replayed", async () => {
    const { asked, surroundings } = simulator();
    const { code } = await command(["simulate", "--scheduler", file, "--seed", "1"], surroundings);
    expect(code).toBe(0);
    expect(asked[0]?.module).toMatchObject({ name: "scheduler.ts", createScheduler: expect.any(Function) });
  });

  it.each([
    ["a mutant", ["--mutant", "misses-expiry"], "--mutant"],
    ["--guided", ["--guided"], "--guided"],
    ["--cost", ["--cost"], "--cost"],
    ["--on redis", ["--on", "redis"], "--on"],
  ])("is refused beside %s", async (_, words, flag) => {
    const { code, err } = await command(["simulate", "--scheduler", file, ...words], simulator().surroundings);
    expect(code).toBe(64);
    expect(err).toContain(`--scheduler with ${flag}`);
  });

  it.each(["no-such-module.ts", "."])("is refused where %s is no module", async (path) => {
    const { asked, surroundings } = simulator();
    expect((await command(["simulate", "--scheduler", path], surroundings)).code).toBe(64);
    expect(asked).toEqual([]);
  });

  it.each([
    ["a token of ours", [], "beside a token of our own scheduler"],
    ["a token of another layer", ["conform"], "beside a token of our own scheduler"],
  ])("is refused on replay beside %s", async (_, [layer = "simulate"], words) => {
    const subject = layer === "conform" ? "conform" : "silent-nodes";
    const token = encodeToken({ subject, seed: 1, layer: layer as "conform" | "simulate" });
    const { code, err } = await command(["replay", token, "--scheduler", file], simulator().surroundings);
    expect(code).toBe(64);
    expect(err).toContain(words);
  });

  it("is asked for on replay of its token, and refused with another content", async () => {
    const options = { scheduler: { name: "mine.ts", hash: "0123456789ab" } };
    const token = encodeToken({ subject: "silent-nodes", seed: 1, layer: "simulate", options });
    const without = await command(["replay", token], simulator().surroundings);
    expect([without.code, without.err]).toEqual([64, expect.stringContaining("mine.ts with content 0123456789ab")]);
    const other = await command(["replay", token, "--scheduler", file], simulator().surroundings);
    expect([other.code, other.err]).toEqual([64, expect.stringContaining("found scheduler.ts with content")]);
  });
});

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
