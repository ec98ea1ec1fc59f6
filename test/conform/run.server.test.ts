import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { scriptMutants } from "../../scenarios/mutants/scripts/registry.ts";
import { withEdges } from "../../src/conform/plan/edges.ts";
import { decodeToken } from "../../src/evidence/token.ts";
import { withoutUndefined } from "../../src/evidence/without-undefined.ts";
import { scriptNames } from "../../src/redis/scripts/contract.ts";
import { ownScriptsDir, ScriptError } from "../../src/redis/scripts/scripts.ts";
import { conform, propertiesOf, soonFound } from "./planted.ts";

describe("our scripts", () => {
  it("do what the model says, step for step; and enough was tried to say so", async () => {
    const { verdict, json, properties } = await conform({ seed: 3, runs: 300 });
    expect(verdict).toBe("held");
    expect(json.commands).toBeGreaterThanOrEqual(6_000);
    expect(json.lost_replies).toBeGreaterThanOrEqual(500);
    expect(json.epochs).toBeGreaterThanOrEqual(50);
    for (const { id, exercised } of properties) expect([id, exercised > 20]).toEqual([id, true]);
  });

  it("give the same trace for the same seed in another process", async () => {
    const here = await conform({ seed: 9, runs: 12 });
    const module = fileURLToPath(new URL("../../src/conform/run.ts", import.meta.url));
    const program = `
      import { runConform } from ${JSON.stringify(module)};
      const { json } = await runConform({ seed: 9, runs: 12, signal: new AbortController().signal, now: () => performance.now() });
      console.log(json.trace_hash, json.commands);`;
    const there = execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
    expect(there.trim()).toBe(`${here.json.trace_hash} ${here.json.commands}`);
    expect((await conform({ seed: 10, runs: 12 })).json.trace_hash).not.toBe(here.json.trace_hash);
  });

  it("meet keys of another type, and read the clock of their server", async () => {
    const { json } = await conform({ seed: 5, runs: 100 });
    const { past_wrong_type, refused_by_type, server_clock } = json.occasions;
    expect(refused_by_type).toBeGreaterThan(20);
    expect(past_wrong_type).toBeGreaterThan(20);
    expect(server_clock).toBeGreaterThan(100);
  });

  it("that ran too little are said to be not exercised, never held", async () => {
    const { verdict, properties } = await conform({ seed: 3, runs: 1 });
    expect(verdict).toBe("not_exercised");
    expect(properties.some((each) => each.verdict === "not_exercised" && each.exercised === 0)).toBe(true);
  });

  it("may free the next lapsed jobs when a sweep with a limit is repeated, and nothing else", async () => {
    const call = { delivery: "delivered", node: 0 };
    const reserve = (job: number) => ({ do: "reserve_job", ...call, job, lease: 15_000 });
    const sweep = { do: "sweep", delivery: "reply_lost", partition: 0, candidates: "due" };
    const offer = { maxJobs: 2, pools: [], languages: [], ttl: 86_400_000 };
    const register = { do: "register_node", ...call, token: "new", expected: "right", ...offer };
    const lapse = { do: "wait", by: 15_000 };
    const moves = [
      register,
      reserve(0),
      reserve(1),
      lapse,
      { ...sweep, retention: 5_000, limit: 1, jobLimit: 1, offset: 0, gap: 86_400_000, grace: 0 },
    ];
    expect((await conform({ seed: 1, runs: 1, plan: { feedMax: 1_000, moves } })).verdict).toBe("held");
  });

  it("do what chance seldom draws as the model says, and a script that does not is found by it", async () => {
    const moves = Array.from({ length: 100 }, (_, index) => withEdges({ feedMax: 3, moves: [] }, index).moves).flat();
    const run = { seed: 1, runs: 1, plan: { feedMax: 3, moves } };
    const { json, verdict } = await conform(run);
    expect(verdict).toBe("held");
    expect(json.commands).toBeGreaterThan(500);
    for (const [mutant, property] of [
      ["refusals-break-lines", "K7"],
      ["no-record-no-removal", "V1"],
    ] as const) {
      const { violations } = await conform({ ...run, mutant });
      expect(violations.map((one) => one.property)).toEqual([property]);
    }
  });

  it("replay as held from the token of a batch", async () => {
    const batch = await conform({ seed: 4, runs: 60 });
    const token = decodeToken(batch.json.token);
    const again = await conform({ seed: token.seed, runs: token.runs ?? 0 });
    expect(again.verdict).toBe("held");
    expect(again.json.trace_hash).toBe(batch.json.trace_hash);
  });
});

/** The server's own clock has gone on by the next run. */
const withoutInstants = (line: string): string => line.replace(/\d{12,15}/gu, "…");
/** Every third is found by several clients at once: concurrent-mutants.server.test.ts. */
const sequential = scriptMutants.filter(
  ({ style }, index) => style === "sequential" || (style === undefined && index % 3 !== 0),
);

describe("a planted bug", { tags: ["nightly"] }, () => {
  it.each(sequential)("$id is found, named, shrunk, and replayed from its token", async (planted) => {
    const violation = await soonFound({ mutant: planted.id, properties: propertiesOf(planted) });
    if (violation === null) throw new Error("no seed found it");
    const { plan, mutant } = decodeToken(violation.token);
    const again = await conform({ seed: 1, runs: 1, plan, ...withoutUndefined({ mutant }) });
    expect(again.violations.map(({ story }) => story.map(withoutInstants))).toEqual([
      violation.story.map(withoutInstants),
    ]);
    expect((await conform({ seed: 1, runs: 1, plan })).verdict).toBe("held");
  });
});

describe("another folder of scripts", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "lockproof-test-lua-"));
    cpSync(ownScriptsDir(), folder, { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("are held against the model as ours are", async () => {
    const { json, verdict } = await conform({ seed: 3, runs: 60, luaDir: folder });
    expect(verdict).toBe("held");
    expect(json.script_set).toMatch(/^lockproof-test-lua-\w+@[0-9a-f]{12}$/u);
  });

  it("that break two promises have both named, each with the smallest plan that shows it", async () => {
    const two = mkdtempSync(join(tmpdir(), "lockproof-test-lua-"));
    onTestFinished(() => rmSync(two, { recursive: true, force: true }));
    cpSync(ownScriptsDir(), two, { recursive: true });
    const wrong = scriptMutants.filter(
      ({ id }) => id === "capacity-checked-after" || id === "older-heartbeat-accepted",
    );
    for (const { file, find, replace } of wrong) {
      const path = join(two, file);
      writeFileSync(
        path,
        readFileSync(path, "utf8").replace(find, () => replace),
      );
    }
    const { properties, violations } = await conform({ seed: 2, runs: 300, luaDir: two });
    for (const property of ["J2", "N1"] as const) {
      const { token = "", story = [] } = violations.find((one) => one.property === property) ?? {};
      expect(properties.find(({ id }) => id === property)).toMatchObject({ verdict: "violated", tokens: [token] });
      const { plan } = decodeToken(token);
      expect((plan as { moves: unknown[] }).moves.length).toBeLessThanOrEqual(6);
      const again = await conform({ seed: 1, runs: 1, plan, luaDir: two });
      expect(again.violations.map((one) => one.story)).toEqual([story]);
    }
  });

  it("that answer the same to everything are never held", async () => {
    const liar = mkdtempSync(join(tmpdir(), "lockproof-test-lua-"));
    onTestFinished(() => rmSync(liar, { recursive: true, force: true }));
    for (const name of scriptNames) writeFileSync(join(liar, `${name}.lua`), "return {'already', '0'}");
    const { verdict, violations } = await conform({ seed: 3, runs: 300, luaDir: liar });
    expect(verdict).toBe("violated");
    expect(violations[0]?.story[0]).toMatch(/departs from the model at command 1 of 1/u);
  });

  it("that do not compile are refused by name", async () => {
    writeFileSync(join(folder, "sweep.lua"), "local x = = 1");
    await expect(conform({ seed: 3, runs: 1, luaDir: folder })).rejects.toThrow(ScriptError);
    await expect(conform({ seed: 3, runs: 1, luaDir: folder })).rejects.toThrow(
      /sweep\.lua: Redis does not compile it/u,
    );
  });

  it("that do not compile end the program, with 3 and without a stack trace", () => {
    const program = fileURLToPath(new URL("../../src/cli/lockproof.js", import.meta.url));
    const ended = spawnSync(process.execPath, [program, "conform", "--runs", "1", "--lua", folder], {
      encoding: "utf8",
      timeout: 30_000,
    });
    expect(ended.status).toBe(3);
    expect(ended.stderr).toMatch(/broken run: script sweep\.lua/u);
    expect(ended.stderr).not.toMatch(/^\s+at /mu);
  });

  it("that are not all there are refused by name", async () => {
    rmSync(join(folder, "sweep.lua"));
    await expect(conform({ seed: 3, runs: 1, luaDir: folder })).rejects.toThrow(
      /script sweep\.lua: found no such file/u,
    );
  });
});
