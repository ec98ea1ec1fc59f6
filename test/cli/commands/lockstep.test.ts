import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { encodeToken } from "../../../src/evidence/token.ts";
import type { Layers } from "../../../src/verify/layers.ts";
import { command, jsonLines } from "../terminal.ts";

type Asked = Parameters<Layers["runLockstep"]>[0];

function lockstep(outcome: { readonly agreed: number; readonly parted: number } = { agreed: 1, parted: 0 }) {
  const asked: Asked[] = [];
  const compared = { "reserve_job full": 1, "refused busy": 2_999 };
  const verdict = outcome.parted > 0 ? "violated" : "held";
  const layers: Pick<Layers, "runLockstep"> = {
    async runLockstep(options) {
      asked.push(options);
      const nothing = { properties: [], violations: [], mutants: [], series: [], faults: [] };
      const json = {
        summary: true,
        scenario: options.scenario,
        ...outcome,
        not_drivable: 0,
        commands: 3_000,
        verdict,
        compared,
      };
      return { name: "simulate", verdict, runs: 1, duration_ms: 1, ...nothing, json };
    },
  };
  return { asked, surroundings: { layers } };
}

const token = encodeToken({
  subject: "redis-gone",
  seed: 7,
  layer: "simulate",
  options: { declaration: "0".repeat(12) },
});

describe("simulate --on redis", () => {
  it("runs the seeds of a scenario, or the schedule of a token, and prints how many agreed", async () => {
    const { asked, surroundings } = lockstep();
    const { code, out } = await command(
      ["simulate", "--on", "redis", "--scenario", "redis-gone", "--seeds", "1..50"],
      surroundings,
    );
    expect(code).toBe(0);
    expect(out).toContain(
      "1 agreed   0 parted   0 not drivable   0 broken   3,000 commands on both sides, 2 kinds of answers",
    );
    await command(["simulate", "--on", "redis", "--token", token], surroundings);
    expect(asked.map(({ scenario, seeds, token: given }) => [scenario, seeds.from, seeds.to, given?.seed])).toEqual([
      ["redis-gone", 1, 50, undefined],
      ["redis-gone", 7, 7, 7],
    ]);
  });

  it("passes on the shard", async () => {
    const { asked, surroundings } = lockstep();
    await command(["simulate", "--on", "redis", "--scenario", "redis-gone", "--shard", "2/3"], surroundings);
    expect(asked.map(({ shard }) => shard)).toEqual([{ index: 2, of: 3 }]);
  });

  it("is not green where the budget left a scenario out, and names it", async () => {
    const { asked, surroundings } = lockstep();
    const { runLockstep } = surroundings.layers;
    const slow: Partial<Layers> = {
      async runLockstep(options) {
        if (!options.signal.aborted) await once(options.signal, "abort");
        return await runLockstep(options);
      },
    };
    const words = ["--scenario", "redis-gone", "--scenario", "random-nemesis", "--seed", "1", "--budget", "1ms"];
    const { code, err } = await command(["simulate", "--on", "redis", ...words], { layers: slow });
    expect([code, asked.length]).toEqual([2, 1]);
    expect(err).toContain("not begun: random-nemesis");
  });

  it("ends with 1 where the two sides differ, and replay of such a token runs it in lockstep again", async () => {
    const { asked, surroundings } = lockstep({ agreed: 0, parted: 1 });
    const parted = encodeToken({ subject: "redis-gone", seed: 7, layer: "simulate", options: { on: "redis" } });
    const { code, out } = await command(["replay", parted, "--json"], surroundings);
    expect(code).toBe(1);
    expect(jsonLines(out)).toContainEqual(expect.objectContaining({ parted: 1, verdict: "violated" }));
    expect(asked).toHaveLength(1);
  });

  it.each([
    [["--token", token], /--token without --on redis/],
    [["--on", "mars"], /--on/],
    [
      ["--on", "redis", "--token", encodeToken({ subject: "conform", seed: 1, layer: "conform" })],
      /layer conform; allowed: simulate/,
    ],
    [["--on", "redis", "--seed", "1", "--mutant", "gone"], /unknown mutant "gone"/],
  ])("refuses %j", async (words, message) => {
    const { code, err } = await command(["simulate", ...words], lockstep().surroundings);
    expect(code).toBe(64);
    expect(err).toMatch(message);
  });
});
