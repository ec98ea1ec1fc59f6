import { appendFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ownScriptsDir } from "../../src/redis/scripts.ts";
import { decodeToken } from "../../src/report/token.ts";
import { runTwoWorlds, type TwoWorldsLine, type TwoWorldsOptions } from "../../src/two-worlds/run.ts";

const { signal } = new AbortController();
const folder = mkdtempSync(join(tmpdir(), "lockproof-two-worlds-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(scenario: string, more: Partial<TwoWorldsOptions> = {}) {
  const lines: TwoWorldsLine[] = [];
  const evidence = await runTwoWorlds({
    ...{ scenario, seeds: { from: 1, to: 1 }, signal, now: () => performance.now() },
    onSeed: (line) => lines.push(line),
    ...more,
  });
  return { evidence, lines, line: lines[0] };
}

describe("one schedule in two worlds", () => {
  it("goes the same way where a failover loses writes, and where errors refuse commands", async () => {
    const lost = await run("failover-loses-writes");
    expect(lost.line).toMatchObject({ outcome: "agreed" });
    expect(lost.line?.steps).toBeGreaterThan(2_000);
    expect(lost.evidence.verdict).toBe("held");
    const meddled = await run("redis-meddled");
    expect(meddled.line).toMatchObject({ outcome: "agreed" });
    // Scripts that the server forgot, keys of the wrong type.
    expect(meddled.line?.refusals).toBeGreaterThan(100);
  });

  it("is said to be not drivable where no real server can be made to do the same, and never counted as agreeing", async () => {
    const { evidence, line } = await run("redis-refuses");
    expect(line).toMatchObject({ outcome: "not_drivable", not_drivable: "redis answers loading" });
    // BUSY, OOM and refused writes came before that, and agreed.
    expect(line?.refusals).toBeGreaterThan(200);
    expect(evidence).toMatchObject({ verdict: "not_exercised", json: { agreed: 0, not_drivable: 1 } });
  });
});

describe("a difference is found, told step for step, and found again from its token", () => {
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
