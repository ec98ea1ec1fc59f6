import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeToken } from "../../../src/evidence/token.ts";
import { benchEvidence, command, conformToken, jsonLines } from "../terminal.ts";

describe("conform", () => {
  it("prints the stable fields and the seed with --json", async () => {
    const { code, out } = await command(["conform", "--runs", "300", "--seed", "8213", "--json"]);
    expect(code).toBe(0);
    expect(jsonLines(out)).toEqual([
      {
        seed: 8213,
        script_set: "a1b2",
        runs: 300,
        commands: 6214,
        lost_replies: 512,
        verdict: "held",
        token: conformToken,
      },
    ]);
  });

  it.each([
    [[], 0],
    [["--mutant", "feed-not-appended"], 1],
  ])("%j prints seed, counts and once the line to replay", async (mutant, exit) => {
    const { code, out, calls } = await command(["conform", "--lua", "lua", ...mutant]);
    expect(code).toBe(exit);
    expect(out).toMatch(new RegExp(`^lockproof conform {3}seed ${calls.conform[0]?.seed}$`, "m"));
    expect(out).toMatch(/6,214 commands {3}512 lost replies/);
    expect(out.split(`replay: lockproof replay ${conformToken}\n`)).toHaveLength(2);
    expect(calls.conform[0]).toMatchObject({ runs: 300, luaDir: "lua" });
  });

  it("draws another seed each time", async () => {
    const seeds = await Promise.all([command(["conform"]), command(["conform"])]);
    expect(seeds[0]?.calls.conform[0]?.seed).not.toBe(seeds[1]?.calls.conform[0]?.seed);
  });
});

describe("inject", () => {
  it("passes on excluded properties, and refuses unknown ones", async () => {
    const { calls, code } = await command(["inject", "--scenario", "redis-slow", "--exclude", "D2, K3", "--seed", "1"]);
    expect(code).toBe(0);
    expect(calls.inject).toMatchObject([{ exclude: ["D2", "K3"] }]);
    expect(await command(["inject", "--exclude", "D2,D9"])).toMatchObject({ code: 64 });
  });

  it("runs every scenario on its seed and shows figures with thresholds", async () => {
    const { code, out, calls } = await command(["inject", "--seed", "1"]);
    expect(code).toBe(0);
    expect(calls.inject.map(({ scenario, seed }) => `${scenario} ${seed}`)).toEqual([
      "redis-slow 1",
      "redis-gone 1",
      "reply-lost 1",
    ]);
    expect(out).toContain("read_latency_ms_max 31.4 (redis-gone, fault)   threshold ≤ 50");
  });

  it("runs a mutant of the scheduler, and so does the token of such a run", async () => {
    const token = encodeToken({ subject: "redis-slow", seed: 7, layer: "inject", mutant: "no-read-deadline" });
    for (const words of [
      ["inject", "--scenario", "redis-slow", "--mutant", "no-read-deadline", "--seed", "7"],
      ["replay", token],
    ]) {
      const { code, calls } = await command(words);
      expect(code).toBe(1);
      expect(calls.inject).toMatchObject([{ scenario: "redis-slow", seed: 7, mutant: "no-read-deadline" }]);
    }
  });

  it("takes the next seed for each further run, wrapping around, with one object a run with --json", async () => {
    const { out } = await command([
      "inject",
      "--scenario",
      "redis-gone",
      "--seed",
      "4294967295",
      "--runs",
      "2",
      "--json",
    ]);
    expect(jsonLines(out)).toEqual([
      { scenario: "redis-gone", seed: 4294967295, verdict: "held", degraded_ms: 12 },
      { scenario: "redis-gone", seed: 0, verdict: "held", degraded_ms: 12 },
    ]);
  });
});

describe("bench", () => {
  it("prints aligned rows, the machine, the seed and the counts", async () => {
    const { code, out, calls } = await command(["bench", "--seed", "5"]);
    expect(code).toBe(0);
    expect(calls.bench).toMatchObject([{ profile: "full", seed: 5 }]);
    expect(out.split("\n").slice(0, 3)).toEqual([
      "lockproof bench   profile full   seed 5",
      "row        verdict                median              min to max     threshold  rounds",
      "heartbeat  held                  1.23 ms                1.1 to 2           ≤ 5       3",
    ]);
    expect(out).toContain("ours 30,000/s, bullmq 20,000/s, in the same run");
    expect(out).toContain("2 × Abacus 9000, linux-x64, node 24.0.0, redis 7.0.15");
    expect(out).toMatch(/^ {2}2 held {6}exit 0$/m);
  });

  it.each([
    ["violated", 1],
    ["unknown", 2],
    ["not_exercised", 2],
  ] as const)("ends with the verdict of its worst row: %s is %i, with the reason", async (verdict, exit) => {
    const runBench = async (options: Parameters<typeof benchEvidence>[0]) => benchEvidence(options, verdict);
    const { code, out } = await command(["bench"], { layers: { runBench } });
    expect(code).toBe(exit);
    expect(out).toContain("pairs_to_bullmq_ratio: found 0.9");
    expect(out).toMatch(new RegExp(`^ {2}1 held · 1 .*\\(pairs\\) {6}exit ${exit}$`, "m"));
  });

  it("prints an object for each row and one for the whole with --json, and passes on the choices", async () => {
    const { out, calls } = await command(["bench", "--json", "--row", "pairs", "--peers", "docs", "--seed", "5"]);
    expect(calls.bench).toMatchObject([{ rows: ["pairs"], peers: "docs" }]);
    const lines = jsonLines(out);
    expect(lines[0]).toMatchObject({
      id: "heartbeat",
      figure: "heartbeat_ms_p99",
      unit: "ms",
      threshold: 5,
      direction: "at_most",
      verdict: "held",
      median: 1.234,
      min: 1.1,
      max: 2,
      rounds: 3,
    });
    expect(lines[1]).toMatchObject({ id: "pairs", ratio: 1.5, peer: { name: "bullmq" } });
    expect(lines.at(-1)).toMatchObject({ verdict: "held", exit_code: 0, seed: 5, machine: { cores: 2 } });
  });
});

describe("replay", () => {
  it("passes the plan and the seed of a conform token to the layer, and shows its verdict", async () => {
    const { code, calls, out } = await command(["replay", ` ${conformToken}\n`]);
    expect(code).toBe(0);
    expect(calls.conform).toMatchObject([{ seed: 8213, runs: 1, plan: [{ kind: "sweep" }] }]);
    expect(out).toMatch(/^lockproof replay {3}conform conform {3}seed 8213$/m);
  });

  it("runs the mutant that the token names, and fails again", async () => {
    const token = encodeToken({ subject: "conform", seed: 7, layer: "conform", runs: 40, mutant: "feed-not-appended" });
    const { code, calls } = await command(["replay", token]);
    expect(code).toBe(1);
    expect(calls.conform).toMatchObject([{ seed: 7, runs: 40, mutant: "feed-not-appended" }]);
  });

  it("warns when the scripts are others than those of the token", async () => {
    const token = encodeToken({ subject: "conform", seed: 7, layer: "conform", script_set: "ffff" });
    expect((await command(["replay", token])).err).toBe(
      "the token was made with scripts ffff; these are a1b2: the run may differ\n",
    );
  });

  it("leaves out the properties that the original run left out", async () => {
    const options = { processes: true, exclude: ["D2", "K3"] };
    const ended = await command(["replay", encodeToken({ subject: "redis-gone", seed: 7, layer: "inject", options })]);
    expect(ended.calls.inject).toMatchObject([options]);
  });

  it("runs the scenario of an inject token", async () => {
    const token = encodeToken({ subject: "redis-gone", seed: 7, layer: "inject" });
    const { code, calls } = await command(["replay", token, "--json"]);
    expect(code).toBe(0);
    expect(calls.inject).toMatchObject([{ scenario: "redis-gone", seed: 7 }]);
  });

  it("explores the model that an explore token names", async () => {
    const options = { model: "job-store", scope: { N: 1, I: 1, V: 3, J: 2, C: 1, M: 3, D: 1, K: 1 }, symmetry: "off" };
    const token = encodeToken({ subject: "explore", seed: 0, layer: "explore", options });
    const { code, out } = await command(["replay", token, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      unique_states: 1_273,
      generated_states: 7_995,
      depth: 12,
      verdict: "held",
    });
  });

  it.each([
    [encodeToken({ subject: "redis-gon", seed: 7, layer: "inject" }), /did you mean redis-gone\?/],
    [encodeToken({ subject: "conform", seed: 7, layer: "conform", mutant: "gone" }), /unknown mutant "gone"/],
    [encodeToken({ subject: "explore", seed: 0, layer: "explore" }), /does not say which model was explored/],
    [
      encodeToken({ subject: "heartbeat", seed: 7, layer: "bench" }),
      /of layer bench; this program replays conform, inject, explore and simulate/,
    ],
  ])("refuses %s", async (token, message) => {
    const { code, err } = await command(["replay", token]);
    expect(code).toBe(64);
    expect(err).toMatch(message);
  });
});

describe("doctor", () => {
  const lacking = (required: boolean) => ({
    examine: async () => [
      {
        name: "go",
        status: "missing" as const,
        required,
        where: null,
        version: null,
        how: null,
        reason: "not on PATH",
        fix: "apt-get install golang",
      },
    ],
  });

  it("ends with 0 where everything that a run needs was found, and says where", async () => {
    const { code, out } = await command(["doctor"]);
    expect(code).toBe(0);
    expect(out).toBe("found    redis-server  7.0.15  /opt/secret/redis-server (PATH)\n");
  });

  it.each([
    [true, 3, "missing  go"],
    [false, 0, "absent   go"],
  ])("required %s and missing: exit %i, with the way to get it", async (required, code, line) => {
    const ended = await command(["doctor"], { layers: lacking(required) });
    expect(ended.code).toBe(code);
    expect(ended.out).toContain(line);
    expect(ended.out).toContain("fix: apt-get install golang");
  });

  it("prints one object a finding with --json", async () => {
    expect(jsonLines((await command(["doctor", "--json"])).out)).toMatchObject([
      { name: "redis-server", status: "found" },
    ]);
  });
});

describe("report", () => {
  let reports = "";
  beforeEach(async () => {
    reports = await mkdtemp(join(tmpdir(), "lockproof-merge-"));
  });
  afterEach(() => rm(reports, { recursive: true }));

  const shard = async (index: number) => {
    const folder = join(reports, `shard-${index}`);
    await command(["verify", "--reports", folder, "--seed", "8213", "--shard", `${index}/2`]);
    return join(folder, "latest");
  };

  it("merges shards", async () => {
    const { code, out } = await command([
      "report",
      await shard(1),
      await shard(2),
      "--reports",
      join(reports, "all"),
      "--json",
    ]);
    expect(code).toBe(2);
    expect(jsonLines(out)).toMatchObject([{ verdict: "not_exercised", exit_code: 2, seed: 8213 }]);
    const table = await command([
      "report",
      join(reports, "shard-1", "latest"),
      join(reports, "shard-2", "latest"),
      "--reports",
      join(reports, "all"),
    ]);
    expect(table.out).toMatch(/^J1 {2}held +480 /m);
  });

  it("refuses the same run twice", async () => {
    const folder = await shard(1);
    const { code, err } = await command(["report", folder, folder, "--reports", join(reports, "all")]);
    expect(code).toBe(64);
    expect(err).toMatch(/would be counted twice/);
  });
});
