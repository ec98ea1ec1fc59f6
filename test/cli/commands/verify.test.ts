import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { propertyIds } from "../../../src/check/properties.ts";
import type { Layers } from "../../../src/verify/layers.ts";
import { layer } from "../../report/sample.ts";
import { command, conformEvidence, conformToken, jsonLines, type Surroundings } from "../terminal.ts";

let reports = "";
beforeEach(async () => {
  reports = await mkdtemp(join(tmpdir(), "lockproof-verify-"));
});
afterEach(() => rm(reports, { recursive: true }));

const verify = (words: readonly string[] = [], surroundings: Surroundings = {}) =>
  command(["verify", "--reports", reports, ...words], surroundings);
const isRed: Surroundings = { layers: { runConform: async (options) => conformEvidence(options, true) } };

describe("verify", () => {
  it("runs the canary first, then conform, then every scenario, on the seed that it prints", async () => {
    const { calls, out } = await verify(["--seed", "8213"]);
    expect(out).toMatch(/^lockproof verify {3}profile quick {3}seed 8213 {3}report /);
    expect(calls.conform.map(({ mutant, seed, runs, concurrent }) => ({ mutant, seed, runs, concurrent }))).toEqual([
      { mutant: "capacity-checked-after", seed: 8213, runs: 200, concurrent: false },
      { mutant: undefined, seed: 8213, runs: 100, concurrent: false },
      { mutant: undefined, seed: 8213, runs: 100, concurrent: true },
    ]);
    expect(calls.inject.map((one) => one.scenario)).toEqual(["redis-slow", "redis-gone", "reply-lost"]);
    expect(calls.inject.map((one) => one.seed)).toEqual([8213, 8213, 8213]);
  });

  it("runs the stored regressions first, and is not green where one is stale", async () => {
    const order: string[] = [];
    const reason = "regressions: wake-up-missed is stale: never seen: gap_found";
    const layers: Surroundings["layers"] = {
      async runRegressions({ dir }) {
        order.push(`regressions, files in ${dir === undefined ? "no folder" : "the run's folder"}`);
        return layer("simulate", { verdict: "stale", reason });
      },
      async runExplore() {
        order.push("explore");
        return layer("explore");
      },
    };
    const { code, out } = await verify(["--layer", "simulate", "--layer", "explore"], { layers });
    expect(order.slice(0, 2)).toEqual(["regressions, files in the run's folder", "explore"]);
    expect(code).toBe(2);
    expect(out).toContain(reason);
    expect(out).toMatch(/^ {2}simulate {2}stale /m);
  });

  it("does lockstep runs, but not in the quick profile, and is not green where one could not be driven", async () => {
    const asked: string[] = [];
    const layers: Surroundings["layers"] = {
      simulatedNames: async () => ["redis-gone", "redis-refuses", "slot-migration"],
      async runLockstep({ luaDir, scenario, seeds: { from, to } }) {
        asked.push(`${scenario} ${from}..${to} ${luaDir}`);
        const reason = `${scenario}, on redis: 3 seeds not drivable`;
        return { ...layer("simulate", { verdict: "not_exercised", reason }), json: {} };
      },
    };
    const words = ["--layer", "simulate", "--seed", "7", "--lua", "lua"];
    await verify(words, { layers });
    expect(asked).toEqual([]);
    const { code, out } = await verify([...words, "--profile", "full"], { layers });
    expect(asked.slice(0, 2)).toEqual(["redis-refuses 21..23 lua", "slot-migration 21..23 lua"]);
    expect(asked.at(2)).toBe("redis-refuses 24..26 lua");
    expect(code).toBe(2);
    expect(out).toContain("slot-migration, on redis: 3 seeds not drivable");
  });

  it("checks the contract of the ports in every profile, before the scenarios, unless one is named", async () => {
    const order: string[] = [];
    const layers: Surroundings["layers"] = {
      async runContracts({ seed }) {
        order.push(`contract, seed ${seed}`);
        return layer("inject", { verdict: "violated" });
      },
    };
    const asked = ["--layer", "inject", "--seed", "5"];
    const full = await verify([...asked, "--profile", "full"], { layers });
    expect(order).toEqual(["contract, seed 5"]);
    expect(full.code).toBe(1);
    expect((await verify(asked, { layers })).code).toBe(1);
    expect(order).toHaveLength(2);
    await verify([...asked, "--profile", "full", "--scenario", "redis-gone"], { layers });
    await verify(["--layer", "conform", "--profile", "full"], { layers });
    expect(order).toHaveLength(2);
  });

  it("ends with 2 and names every property that nothing exercised, each also in the table", async () => {
    const { code, out } = await verify(["--seed", "8213"]);
    expect(code).toBe(2);
    for (const id of propertyIds) expect(out).toMatch(new RegExp(`^${id} .* (held|not exercised) +\\d`, "m"));
    expect(out).toMatch(/^NOT EXERCISED {2}V3 {2}never met: an instance's view was compared/m);
    expect(out).toMatch(/^J1 {2}held +240 {2}current_jobs is never negative/m);
    expect(out).toMatch(/^ {2}4 held · \d+ not exercised \(J3 J4 [A-Z0-9 ]+\) {6}exit 2$/m);
  });

  it("shows a violation first, with its explanation and replay command", async () => {
    const { code, out } = await verify(["--layer", "conform"], isRed);
    expect(code).toBe(1);
    const lines = out.split("\n");
    expect(lines[1]).toMatch(/^VIOLATED {7}J1 current_jobs is never .* {3}scenario conform {3}layer conform$/);
    expect(lines[2]).toMatch(/^ {15}node n2: 0 -> -1/);
    expect(lines[4]).toBe(`               replay: lockproof replay ${conformToken}`);
    expect(out).toMatch(/ {6}exit 1$/m);
  });

  it("shows two violations of a kind and counts the others", async () => {
    const many = {
      runConform: async (options: Parameters<typeof conformEvidence>[0]) => {
        const said = conformEvidence(options, true);
        return { ...said, violations: Array.from({ length: 9 }, () => said.violations).flat() };
      },
    };
    const { out } = await verify(["--layer", "conform"], { layers: many });
    expect(out.match(/^VIOLATED +J1/gm)).toHaveLength(2);
    expect(out).toContain("… and 16 more like these in the report");
  });

  it("is broken when the canary survives, and says which one", async () => {
    const { code, out, calls } = await verify([], {
      layers: { runConform: async (options) => conformEvidence(options, false) },
    });
    expect(code).toBe(3);
    expect(out).toMatch(/^BROKEN {9}layer canary {2}the mutant capacity-checked-after was not killed by conform/m);
    expect(calls.inject).toEqual([]);
  });

  it("does not let a layer that broke mask a violation, nor pass without one", async () => {
    const gone = { runInject: () => Promise.reject(new Error("toxiproxy went away")) };
    const broken = await verify([], { layers: gone });
    expect(broken.code).toBe(3);
    expect(broken.out).toMatch(/^BROKEN +layer inject {2}inject redis-slow: toxiproxy went away; inject redis-gone/m);
    expect((await verify([], { layers: { ...gone, ...isRed.layers } })).code).toBe(1);
  });

  it("writes the report that it names, without a path of this machine in it", async () => {
    const { out } = await verify(["--seed", "8213"]);
    const folder = / {3}report (.*)$/m.exec(out)?.[1] ?? "";
    expect((await readdir(reports)).sort()).toEqual([basename(folder), "history.jsonl", "latest"]);
    const text = await readFile(join(folder, "report.json"), "utf8");
    expect(JSON.parse(text)).toMatchObject({
      seed: 8213,
      exit_code: 2,
      environment: { tools: [{ version: "7.0.15", file: "redis-server" }] },
    });
    expect(text).not.toContain("/opt/secret");
  });

  it("with a reports folder that cannot be written is broken before anything has run", async () => {
    const file = join(reports, "file");
    await writeFile(file, "");
    const { code, err, calls } = await command(["verify", "--reports", file]);
    expect(code).toBe(3);
    expect(err).toMatch(/^broken run: --reports: found a file; allowed: a folder that may be written/);
    expect(calls.conform).toEqual([]);
  });

  it("leaves no folder where it breaks before there is evidence", async () => {
    const { code } = await verify([], { layers: { runConform: () => Promise.reject(new Error("no Redis")) } });
    expect(code).toBe(3);
    expect(await readdir(reports)).toEqual([]);
  });

  it("prints one object a line with --json, and nothing else", async () => {
    const { out, err } = await verify(["--json", "--seed", "8213"]);
    const lines = jsonLines(out);
    expect(lines.filter((line) => "property" in line).map((line) => line["property"])).toEqual(propertyIds);
    expect(lines.at(-1)).toMatchObject({ verdict: "not_exercised", exit_code: 2, seed: 8213 });
    expect(err).toBe("");
  });

  it("limits what it prints with --property, and not what counts", async () => {
    const { out, code } = await verify(["--property", "J1"]);
    expect(out).toMatch(/^J1 {2}held/m);
    expect(out).not.toMatch(/^J2 {2}held/m);
    expect(code).toBe(2);
  });

  it("passes on scripts, servers and scenario, but runs the canary with our own scripts", async () => {
    const { calls } = await verify([
      "--lua",
      "lua",
      "--redis-server",
      "package.json",
      "--toxiproxy-server",
      "biome.json",
    ]);
    expect(calls.conform).toMatchObject([
      { redisServer: "package.json" },
      { redisServer: "package.json", luaDir: "lua" },
      { redisServer: "package.json", luaDir: "lua" },
    ]);
    expect(calls.conform[0]).not.toHaveProperty("luaDir");
    expect(calls.inject[0]).toMatchObject({ redisServer: "package.json", toxiproxyServer: "biome.json" });
    expect(dirname(calls.inject[0]?.dir ?? "")).toBe(reports);
    const one = await verify(["--scenario", "redis-gone"]);
    expect(one.calls.conform).toHaveLength(1);
    expect(one.calls.inject.map((call) => call.scenario)).toEqual(["redis-gone"]);
  });

  it("annotates in GitHub Actions, one line an error, whatever the explanation holds", async () => {
    const { err } = await verify(["--layer", "conform"], { ...isRed, env: { GITHUB_ACTIONS: "true" } });
    const { early = [], annotations = [] } = Object.groupBy(err.trimEnd().split("\n"), (line) =>
      line.startsWith("violated: ") ? "early" : "annotations",
    );
    expect(early[0]).toMatch(/^violated: conform, seed \d+: J1 in conform: node n2: 0 -> -1 .*; lockproof replay lp1/);
    expect(annotations[0]).toMatch(
      /^::error title=J1 violated in conform::node n2: 0 -> -1 .*%0A402 {2}complete_job j19%0Areplay: lockproof replay lp1/,
    );
    expect(annotations.every((line) => line.startsWith("::error title="))).toBe(true);
  });

  it("is unknown, not green, when the budget cut a layer off", async () => {
    const cut = {
      runInject: async () => ({ ...layer("inject", { verdict: "unknown" as const, reason: "out of time" }), json: {} }),
    };
    const { code, out } = await verify([], { layers: cut });
    expect(code).toBe(2);
    expect(out).toMatch(/^UNKNOWN +layer inject {2}out of time/m);
  });

  it("is unknown where the budget ended a batch of seeds, and held where all of them ran", async () => {
    const simulated = async (missing: number) => {
      const runSimulate: Layers["runSimulate"] = async ({ seeds: { from, to } }) => ({
        ...layer("simulate", { runs: to - from + 1 - missing }),
        json: {},
      });
      return await verify(["--layer", "simulate"], { layers: { runSimulate } });
    };
    expect((await simulated(0)).out).not.toMatch(/^UNKNOWN/m);
    const cut = await simulated(1);
    expect(cut.code).toBe(2);
    expect(cut.out).toMatch(
      /^UNKNOWN +layer simulate {2}.*redis-gone.*: 1 of 2 seeds were run before the budget ended/m,
    );
  });
});
