import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { findScenario } from "../../scenarios/registry.ts";
import type { FaultStep } from "../../src/check/history.ts";
import type { Trial } from "../../src/check/judgement.ts";
import { decodeToken } from "../../src/evidence/token.ts";
import { headLine } from "../../src/inject/observe/files.ts";
import { drawnOnServers } from "../../src/load/plan/drawn-on-servers.ts";
import { findSchedulerMutant, loadScheduler } from "../../src/mutants/schedulers.ts";
import { type FaultTimes, planWith, recordedFaults } from "../../src/reproduce/fault-times.ts";
import { reproduce } from "../../src/reproduce/reproduce.ts";
import { planOf } from "../../src/simulate/plan/plan.ts";
import { replaySimulate } from "../../src/simulate/run/replay.ts";
import { runPlan } from "../../src/simulate/run/run.ts";
import { Record } from "../../src/simulate/trace/record.ts";

const deaf = findScenario("subscriber-deaf");
if (deaf === undefined) throw new Error("no scenario subscriber-deaf");
const bounds = { budget: 50, recovery: 1_000, convergence: 1_000, staleness: 300 };
const terms = { heartbeatTtl: 15_000, l1Ttl: 5_000, missTtl: 1_000, ttlSpread: 0.2, feedMax: 100_000 };
const folder = mkdtempSync(join(tmpdir(), "lockproof-reproduce-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fault = (index: number, step: "inject" | "heal", asked: number): FaultStep => ({
  ...{ kind: "fault", fault: index, name: deaf.faults[index]?.kind ?? "", instance: 0, link: "feed" },
  ...{ step, cuts_off: false, asked, done: asked + 3 },
});
const trial = (history: Trial["history"], side: Trial["side"] = "fault"): Trial => ({
  ...{ history, side, observations: [], instances: 2, bounds, terms },
});

describe("the faults of a log", () => {
  const log = [
    fault(0, "inject", 402.9),
    fault(0, "heal", 1_712.2),
    fault(1, "inject", 1_699.8),
    fault(1, "heal", 2_201.6),
  ];

  it("are the declared ones at their recorded times, without new overlaps", () => {
    const found = recordedFaults(deaf, trial(log));
    expect(found.map((one) => [one.kind, one.at, "lasts" in one ? one.lasts : null])).toEqual([
      ["redis_blackhole", 403, 1_297], // until the other began, although it was healed a moment later
      ["redis_refused", 1_700, 502],
    ]);
    expect(recordedFaults(deaf, trial(log.slice(0, 1)))).toHaveLength(1);
    expect(recordedFaults(deaf, trial(log, "control"))).toEqual([]);
  });

  it("of another scenario are refused", () => {
    const strange = { ...fault(0, "inject", 1), name: "redis_pause" };
    expect(() => recordedFaults(deaf, trial([strange]))).toThrow(/redis_pause as fault 0, .* has redis_blackhole/);
  });

  it("are simulated as recorded, as declared, or all moved by the same duration", () => {
    const recorded = recordedFaults(deaf, trial(log));
    const times = (kind: FaultTimes) => planWith(kind, deaf, recorded, 5).faults.map(({ at }) => at);
    expect(times("recorded")).toEqual([403, 1_700]);
    expect(times("declared")).toEqual(deaf.faults.map(({ at }) => at));
    const [first = 0, second = 0] = times("near");
    expect(second - first).toBe(1_297);
    expect(Math.abs(first - 403)).toBeLessThanOrEqual(200);
  });
});

describe("a stored failure", () => {
  const file = join(folder, "history.jsonl");
  const stored = { scenario: deaf.name, redis: "single", seed: 3, properties: ["V4", "F1", "V2"] } as const;
  const write = async (createScheduler: Parameters<typeof runPlan>[0]["createScheduler"]) => {
    const record = new Record(2, 2);
    const hears = [
      "returned",
      "sent",
      "settled",
      "stepped",
      "config_stepped",
      "lost",
      "withheld",
      "woken",
      "link",
      "fault",
      "instance",
      "server",
      "scheduler",
      "compared",
      "sighted",
      "truth",
      "phase",
      "called",
      "refused",
    ] as const;
    const listener = { hears, on: (event: Parameters<Record["on"]>[0]) => record.on(event) };
    const plan = planOf(deaf, 3);
    await runPlan({ plan, properties: [], listeners: [listener], ...(createScheduler && { createScheduler }) });
    const { history, observations } = record.trial(bounds, terms);
    const head = headLine(stored, { bounds, terms, instances: 2, side: "fault" });
    writeFileSync(file, [head, ...history, ...observations].map((line) => `${JSON.stringify(line)}\n`).join(""));
  };
  const options = {
    file,
    budget: 30_000,
    seed: 10,
    signal: new AbortController().signal,
    now: () => performance.now(),
  };

  it("is reproduced, shrunk, and printed as a token that replays", async () => {
    using loaded = await loadScheduler(findSchedulerMutant("gap-ignored"));
    const { createScheduler } = loaded;
    const mutant = { id: "gap-ignored", createScheduler };
    await write(createScheduler);
    const { properties } = await reproduce({ ...options, mutant });
    const found = properties.find(({ property }) => property === "V4");
    if (found?.kind !== "lifted") throw new Error(`V4 was ${String(found?.kind)}`);
    expect(found.faults).toBeLessThanOrEqual(2);
    expect(found.actions).toBeLessThanOrEqual(15);
    const token = decodeToken(found.token);
    const { line } = await replaySimulate({ ...options, token, planted: mutant });
    expect(line.verdict).toBe("violated");
    expect(line.reasons?.[0]).toContain(found.story[0]);
  });

  it("that the scheduler under test does not have is not found, with the number of seeds", async () => {
    const { properties, seeds } = await reproduce({ ...options, budget: 1_500 });
    expect(seeds).toBeGreaterThan(0);
    expect(properties).toContainEqual(expect.objectContaining({ property: "V4", kind: "not_found", seeds }));
    expect(properties.some(({ kind }) => kind === "lifted")).toBe(false);
  });

  it.each([
    [
      "a scenario that there is not",
      { ...stored, scenario: "redis-gon" },
      /"redis-gon": there is none of that name here/,
    ],
    ["nothing at all", null, /nothing is in it/],
  ] as const)("of %s is refused", async (_what, head, message) => {
    const other = join(folder, "other.jsonl");
    const line = head && JSON.stringify(headLine(head, { bounds, terms, instances: 2, side: "fault" }));
    writeFileSync(other, line === null ? "" : `${line}\n`);
    await expect(reproduce({ ...options, file: other })).rejects.toThrow(message);
  });

  it("of a scenario with drawn faults has those that are possible on its servers", async () => {
    const other = join(folder, "drawn.jsonl");
    const declared = findScenario("random-nemesis");
    const drawn = declared && drawnOnServers(declared, "replica", 8)?.scenario;
    const done = (drawn?.faults ?? []).map((one, index) => ({ ...fault(index, "inject", one.at), name: one.kind }));
    expect(done.map(({ name }) => name)).toContain("redis_failover"); // which a single server cannot do
    const writeOn = (redis: "single" | "replica") => {
      const head = headLine(
        { scenario: "random-nemesis", redis, seed: 8, properties: ["V1"] },
        { bounds, terms, instances: 3, side: "fault" },
      );
      writeFileSync(other, [head, ...done].map((line) => `${JSON.stringify(line)}\n`).join(""));
    };
    writeOn("replica");
    expect(await reproduce({ ...options, file: other })).toMatchObject({ scenario: "random-nemesis", properties: [] });
    writeOn("single");
    await expect(reproduce({ ...options, file: other })).rejects.toThrow(/the fault log has redis_failover as fault 0/);
  });

  it("is none where the history breaks nothing", async () => {
    await write(undefined);
    expect((await reproduce(options)).properties).toEqual([]);
  });
});
