import { appendFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { findScenario } from "../../scenarios/registry.ts";
import { decodeToken, encodeToken } from "../../src/evidence/token.ts";
import type { LockstepLine } from "../../src/lockstep/batch-evidence.ts";
import { type LockstepOptions, runLockstep } from "../../src/lockstep/run.ts";
import { ownScriptsDir } from "../../src/redis/scripts/scripts.ts";
import { planOf } from "../../src/simulate/plan/plan.ts";
import { framed, planFileOf } from "../../src/simulate/plan/plan-file.ts";

const { signal } = new AbortController();
const folder = mkdtempSync(join(tmpdir(), "lockproof-lockstep-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(scenario: string, more: Partial<LockstepOptions> = {}) {
  const lines: LockstepLine[] = [];
  const evidence = await runLockstep({
    ...{ scenario, seeds: { from: 1, to: 1 }, signal, now: () => performance.now() },
    onSeed: (line) => lines.push(line),
    ...more,
  });
  return { evidence, lines, line: lines[0] };
}

describe("a lockstep run", () => {
  it("goes the same way where a failover loses writes", async () => {
    const lost = await run("failover-loses-writes");
    expect(lost.line).toMatchObject({ outcome: "agreed" });
    expect(lost.line?.steps).toBeGreaterThan(2_000);
    expect(lost.evidence.verdict).toBe("held");
  });

  it("goes the same way where scripts are forgotten, and where keys are of the wrong type", async () => {
    const meddled = await run("redis-meddled");
    expect(meddled.line).toMatchObject({ outcome: "agreed" });
    expect(meddled.line?.compared["refused no_script"]).toBeGreaterThan(20);
    expect(meddled.line?.compared["refused wrong_type"]).toBeGreaterThan(20);
  });

  it("goes the same way on servers that are busy, full, take no writes, and read their data", async () => {
    const { evidence, line } = await run("redis-refuses");
    expect(line).toMatchObject({ outcome: "agreed", verdict: "held" });
    const refused = Object.keys(line?.compared ?? {}).filter((answer) => answer.startsWith("refused "));
    expect(refused).toEqual(
      ["busy", "loading", "no_script", "out_of_memory", "readonly"].map((why) => `refused ${why}`),
    );
    expect(line?.compared["refused loading"]).toBeGreaterThan(5);
    expect(evidence.verdict).toBe("held");
  });

  it("goes the same way in a Cluster that moves a slot, seed after seed on the same nodes", async () => {
    const { evidence, lines } = await run("slot-migration", { seeds: { from: 1, to: 2 } });
    expect(lines.map(({ outcome }) => outcome)).toEqual(["agreed", "agreed"]);
    for (const { compared } of lines) expect(compared["refused moved"]).toBeGreaterThan(10);
    expect(evidence.verdict).toBe("held");
  });

  it("is reported as not drivable where no real server can do the same, by the kinds of faults, and never agrees", async () => {
    const scenario = findScenario("slot-migration");
    if (scenario === undefined) throw new Error("no scenario of that name");
    const plan = planOf(scenario, 1);
    const restart = { kind: "redis_restart", at: 2_000, data: "kept" } as const;
    const both = framed({ ...plan, faults: [...plan.faults, restart] }, "V1");
    const token = {
      subject: scenario.name,
      seed: 1,
      layer: "simulate",
      plan: planFileOf({ ...both, draws: [] }, "V1"),
    };
    const { evidence, line } = await run(scenario.name, {
      token: decodeToken(encodeToken({ ...token, layer: "simulate" })),
    });
    expect(line).toMatchObject({
      outcome: "not_drivable",
      verdict: "not_exercised",
      not_drivable: "a server that takes the place of another beside slot_migration",
    });
    // The comparisons before that agreed.
    expect(line?.compared["refused moved"]).toBeGreaterThan(10);
    expect(evidence).toMatchObject({ verdict: "not_exercised", json: { agreed: 0, not_drivable: 1 } });
  });
});

describe("a difference is found, reported step by step, and found again from its token", () => {
  it("in a reply", async () => {
    const { evidence, line } = await run("hostile-input", { mutant: "capacity-checked-after" });
    expect(line).toMatchObject({ outcome: "parted" });
    const [violation] = evidence.violations;
    expect(violation?.property).toBe("J2");
    expect(violation?.story[0]).toMatch(
      /^the reply departs from the model at step \d+, [\d.]+ ms, reserve_job on server 1: reply › kind: found "reserved", allowed "full"$/,
    );
    expect(evidence.verdict).toBe("violated");
    const token = decodeToken(violation?.token ?? "");
    const again = await run(token.subject, { token, mutant: token.mutant ?? "" });
    expect(again.evidence.violations).toEqual(evidence.violations);
  });

  it("in the keys that a script declares", async () => {
    const { evidence } = await run("hostile-input", { mutant: "feed-not-appended" });
    expect(evidence.violations[0]?.story[0]).toMatch(/^what the keys hold departs from the model at step \d+, .*:feed/);
  });

  it("in a key that no script declares", async () => {
    const luaDir = join(folder, "stray");
    cpSync(ownScriptsDir(), luaDir, { recursive: true });
    // Every script runs what it includes: each call sets it.
    appendFileSync(join(luaDir, "include", "arguments.lua"), "\nredis.call('SET', 'lp:{p0}:stray', '1')\n");
    const { evidence } = await run("hostile-input", { luaDir });
    expect(evidence.violations[0]?.story[0]).toMatch(
      /a key that no script of the last \d+ steps declared: lp:\{p0\}:stray/,
    );
  });
});
