import { describe, expect, it } from "vitest";
import { type Scenario, scenario } from "../../scenarios/declare/declare.ts";
import { ms, seconds } from "../../scenarios/declare/units.ts";
import type { HistoryEvent } from "../../src/check/history.ts";
import type { LayerEvidence } from "../../src/evidence/evidence.ts";
import { mergeLayers } from "../../src/evidence/merge.ts";
import { Attempts } from "../../src/inject/attempts.ts";
import { evidenceOf } from "../../src/inject/evidence.ts";
import { judgePair } from "../../src/inject/pair.ts";
import { call, dump, entry, faultFrom, job, mode, phase, read, registered, stall, trialOf } from "../check/trials.ts";

const declared = scenario({
  name: "slow-for-a-while",
  why: "A scenario that is only there to be judged by hand.",
  topology: { instances: 1, nodes: 1, maxJobsPerNode: 1, partitions: 1 },
  load: [{ kind: "read", every: ms(10) }],
  faults: [{ kind: "redis_latency", at: ms(100), lasts: ms(300), adds: ms(200) }],
  always: ["D1"],
  sometimes: ["degraded"],
  duration: seconds(1),
});

const pace = { kind: "pace", at: 1_000, planned: 1, made: 1, late_ms_p95: 1, late_ms_max: 1 } as const;
const ends: readonly HistoryEvent[] = [pace, phase("healed", 1_000), phase("end", 1_000)];
const calm: readonly HistoryEvent[] = [read(10, 11), ...ends];
const met: readonly HistoryEvent[] = [...faultFrom(100, 400), mode(130, "normal", "l2_only"), read(150, 160), ...ends];
const observations = [{ ...dump(0, []), version: null }];

function pairOf(fault: readonly HistoryEvent[], control: readonly HistoryEvent[]) {
  return {
    fault: trialOf({ history: fault, observations }),
    control: trialOf({ history: control, observations, side: "control" }),
  };
}

describe("a pair", () => {
  it("is held when the faulty side is and what had to be seen was", () => {
    expect(judgePair(declared, pairOf(met, calm))).toMatchObject({ verdict: "held", reasons: [] });
  });

  it("is violated by the faulty side", () => {
    const judged = judgePair(declared, pairOf([...met, read(200, 300)], calm));
    expect(judged.verdict).toBe("violated");
    expect(judged.properties[0]?.reason).toBeUndefined();
  });

  it("is violated by the control, and says that the fault has no part in it", () => {
    const judged = judgePair(declared, pairOf(met, [...calm, read(200, 300)]));
    expect(judged.properties[0]).toMatchObject({ verdict: "violated", reason: "fails without the fault too" });
  });

  it("is open when the control could not be judged, though the faulty side held", () => {
    const noisy = [...calm, read(200, 270), stall(205, 60)];
    const judged = judgePair(declared, pairOf(met, noisy));
    expect(judged.properties[0]).toMatchObject({ fault: { verdict: "held" }, verdict: "unknown" });
    expect(judged.properties[0]?.reason).toMatch(
      /^in the control run: 1 of 2 could not be judged.*run again with less/,
    );
    expect(judgePair(declared, pairOf([...met, read(300, 400)], noisy)).verdict).toBe("violated");
  });

  it("is violated by what clients alone contradict, though the scenario does not name it", () => {
    const system = { kind: "system", at: -1, instance: 0, name: "other", version: "1", withheld: {} } as const;
    const offer = { max_jobs: 1, pools: [], languages: [], services: [] };
    const place = { op: "reserve_job", node: "n1", reply: "reserved", lease: 1_000 } as const;
    const judgedOf = (claims: readonly string[], jobs: readonly string[]) => {
      const history = [
        { ...system, claims },
        call({ op: "register_node", node: "n1", from: 1, to: 2, reply: "registered", incarnation: "i", offer }),
        ...jobs.map((job, index) => call({ ...place, job, from: 10 * index + 20, to: 10 * index + 21 })),
        ...[...faultFrom(100, 400), mode(130, "normal", "l2_only"), read(150, 160), ...ends],
      ];
      const { properties, verdict } = judgePair(declared, pairOf(history, calm), { isFromOutside: true });
      return [verdict, ...properties.map((one) => `${one.fault.property} ${one.verdict}`)];
    };
    expect(judgedOf(["D1", "J2"], ["a", "b"])).toEqual(["violated", "D1 held", "J2 violated"]);
    expect(judgedOf(["D1", "J2"], ["a"])).toEqual(["held", "D1 held", "J2 held"]);
    expect(judgedOf(["D1"], ["a", "b"])).toEqual(["held", "D1 held"]);
    // Claimed properties that the calls leave open are not asked for.
    expect(judgedOf(["D1", "J2", "N4"], [])).toEqual(["held", "D1 held"]);
  });

  it("proves nothing when what a run takes for granted does not hold, on either side", () => {
    const slow = (history: readonly HistoryEvent[]) => [
      ...history.filter((one) => one !== pace),
      { ...pace, planned: 2 },
    ];
    expect(judgePair(declared, pairOf(slow(met), calm))).toMatchObject({
      verdict: "not_exercised",
      reasons: ["the load did not reach its rate: 1 of 2 operations were begun"],
    });
    expect(judgePair(declared, pairOf(met, slow(calm)))).toMatchObject({
      verdict: "not_exercised",
      reasons: ["in the control run: the load did not reach its rate: 1 of 2 operations were begun"],
    });
    expect(judgePair(declared, pairOf([...slow(met), read(200, 300)], calm)).verdict).toBe("violated");
  });

  it.each([
    ["a processor that the harness waited for", { ...stall(100, 400), waited: 390, ran: 10 }, "machine_load"],
    ["a machine that was paused", { kind: "frozen", since: 100, at: 500, lasted: 390 } as const, "machine_load"],
    ["work of the harness", { ...stall(100, 400), waited: 10, ran: 390 }, "not_exercised"],
    ["nothing that was seen", null, "not_exercised"],
  ])("names the cause of a load that came late: %s", (_why, event, cause) => {
    const busy = { ...stall(100, 400), waited: 0, ran: 5 };
    const slow = [...met.filter((one) => one !== pace), { ...pace, late_ms_p95: 60 }];
    const history = event === null ? slow : [...slow, ...(event.kind === "frozen" ? [busy, event] : [event])];
    const judged = judgePair(declared, pairOf(history, calm));
    expect(judged).toMatchObject({ verdict: "not_exercised", cause });
    expect(judged.reasons).toHaveLength(1);
    // A property that such a load did not exercise is open for the same cause.
    const { properties } = judgePair({ ...declared, always: ["D1", "C1"] }, pairOf(history, calm));
    expect(properties.find(({ fault }) => fault.property === "C1")).toMatchObject({ verdict: "not_exercised", cause });
  });

  it("blames the machine for nothing else that is missing", () => {
    const slow = [...met.filter((one) => one !== pace && one.kind !== "mode"), { ...pace, late_ms_p95: 60 }];
    const judged = judgePair(declared, pairOf([...slow, { ...stall(100, 400), waited: 390, ran: 10 }], calm));
    expect(judged.reasons).toHaveLength(2);
    expect(judged.cause).toBe("not_exercised");
  });

  it("of a scenario without faults is one run: nothing in it fails without the fault too", () => {
    const only = trialOf({ history: [...met, read(200, 300)], side: "control" });
    const pair = { fault: only, control: only };
    const judged = judgePair({ ...declared, faults: [] }, pair);
    expect(judged).toMatchObject({ verdict: "violated", properties: [{ control: null }] });
    expect(judged.properties[0]?.reason).toBeUndefined();
    const evidence = evidenceOf({ scenario: declared, pair, judged, token: "t", durationMs: 1, files: [] });
    expect(evidence.runs).toBe(1);
    expect(evidence.violations).toHaveLength(1);
    expect(new Set(evidence.properties[0]?.figures.map(({ of }) => of))).toEqual(new Set(["slow-for-a-while"]));
  });

  it.each([
    ["what had to be seen was not", met.filter(({ kind }) => kind !== "mode"), "never seen: degraded"],
    [
      "the fault was never injected",
      met.filter(({ kind }) => kind !== "fault"),
      "never took effect: redis_latency (faults[0])",
    ],
    [
      "no call met the fault",
      [...met.filter(({ kind }) => kind !== "call"), read(500, 501)],
      "no call was in flight during",
    ],
  ])("proves nothing when %s", (_why, history, reason) => {
    const judged = judgePair(declared, pairOf(history, calm));
    expect(judged.verdict).toBe("not_exercised");
    expect(judged.reasons.join()).toContain(reason);
  });
});

describe("a pair of a scheduler that does not claim every operation", () => {
  const of = (ops: readonly string[], name: Scenario["sometimes"][number], isFromOutside = true) => {
    const system = {
      kind: "system",
      at: 0,
      instance: 0,
      name: "x",
      version: "1",
      claims: ["D1"],
      withheld: {},
      ops,
    } as const;
    const history = [system, ...met.filter(({ kind }) => kind !== "mode")];
    const looked = { ...declared, sometimes: [name] };
    return judgePair(looked, pairOf(history, [system, ...calm]), { isFromOutside });
  };

  it("need not show what only an operation that it lacks can show", () => {
    expect(of(["get_node"], "degraded")).toMatchObject({ verdict: "held", reasons: [] });
    expect(of(["get_node", "status"], "degraded").reasons).toEqual(["never seen: degraded"]);
    expect(of(["get_node"], "node_full")).toMatchObject({
      verdict: "not_exercised",
      reasons: ["never seen: node_full"],
    });
  });

  it("need not show a call that was given up, nor the ends of a health score of its own", () => {
    for (const isFromOutside of [true, false])
      expect(of(["get_node"], "aborted_during", isFromOutside)).toMatchObject({ verdict: "held", reasons: [] });
    expect(of(["select_nodes"], "lowest_health_selected").reasons).toEqual([]);
    expect(of(["select_nodes"], "lowest_health_selected", false).reasons).toEqual([
      "never seen: lowest_health_selected",
    ]);
    const hosted = judgePair({ ...declared, sometimes: ["aborted_during"] }, pairOf(met, calm));
    expect(hosted.reasons).toEqual(["never seen: aborted_during"]);
  });

  it("is not held where nothing is left to judge", () => {
    const none = {
      kind: "system",
      at: 0,
      instance: 0,
      name: "x",
      version: "1",
      claims: [],
      withheld: {},
      ops: ["get_node"],
    } as const;
    const pair = pairOf([none, ...met], [none, ...calm]);
    expect(judgePair(declared, pair, { isFromOutside: true }).verdict).toBe("not_exercised");
  });
});

describe("a pair with instances over the line protocol", () => {
  const promised = { ...declared, always: ["D1", "D2"] as ("D1" | "D2")[] };
  const system: HistoryEvent = {
    kind: "system",
    ...{ at: 0, instance: 0, name: "ours", version: "1", claims: ["D1", "D2"] },
    withheld: { D2: "the beginning of a mode was not seen" },
  };
  const pair = pairOf([system, ...met], [system, ...calm]);
  const evidenceWithout = (exclude: readonly ("D1" | "D2")[], of = pair) => {
    const judged = judgePair(promised, of, { exclude });
    return evidenceOf({ ...{ scenario: promised, pair: of, judged }, ...{ token: "t", durationMs: 1, files: [] } });
  };

  it("is not held while a property that the scenario claims was withheld, and says which and why", () => {
    const evidence = evidenceWithout([]);
    expect(evidence).toMatchObject({ verdict: "not_exercised", cause: "not_exercised", withheld: ["D2"] });
    expect(evidence.reason).toContain("D2 was withheld: the beginning of a mode was not seen");
    expect(evidence.properties.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(["D1 held", "D2 not_exercised"]);
  });

  it("is run no more often for that: another run would withhold it too", () => {
    expect(new Attempts().add(judgePair(promised, pair))).toBeNull();
  });

  it("is held where it was excluded by name, and that is reported", () => {
    expect(evidenceWithout(["D2"])).toMatchObject({
      verdict: "held",
      reason: "slow-for-a-while: excluded by name: D2",
    });
    expect(evidenceWithout(["D2"])).not.toHaveProperty("withheld");
    expect(evidenceWithout(["D1"]).verdict).toBe("not_exercised");
  });

  it("is violated by what was excluded all the same", () => {
    const late = pairOf([system, ...met, read(200, 300)], [system, ...calm]);
    expect(evidenceWithout(["D1", "D2"], late).verdict).toBe("violated");
  });

  it("keeps no layer open in which another scenario exercised what was withheld here", () => {
    const exercised = {
      ...evidenceWithout(["D2"]),
      properties: [{ ...evidenceWithout([]).properties[0], id: "D2" }],
    } as LayerEvidence;
    expect(mergeLayers([evidenceWithout([]), exercised])[0]?.verdict).toBe("held");
    expect(mergeLayers([evidenceWithout([])])[0]?.verdict).toBe("not_exercised");
    const ending = { ...exercised, verdict: "not_exercised", reason: "something else" } as LayerEvidence;
    expect(mergeLayers([evidenceWithout([]), ending])[0]?.verdict).toBe("not_exercised");
  });
});

describe("evidence", () => {
  const pair = pairOf(
    [...met, read(200, 300), ...Array.from({ length: 5_000 }, (_, at) => read(at / 5, at / 5 + 1))],
    calm,
  );
  const judged = judgePair(declared, pair);
  const evidence = evidenceOf({ scenario: declared, pair, judged, token: "t", durationMs: 12.3, files: ["f.jsonl"] });

  it("lists violations with their explanation, token and files", () => {
    expect(evidence.violations).toMatchObject([
      { property: "D1", scenario: "slow-for-a-while", layer: "inject", token: "t", files: ["f.jsonl"] },
      { property: "D5" },
    ]);
    expect(evidence.violations[0]?.story[0]).toContain("took 100 ms");
  });

  it("draws the calls that show a violation, up to the one where it breaks", () => {
    const timeline = evidence.violations[0]?.timeline;
    expect(timeline).toMatchObject({ property: "D1", token: "t", title: "inject slow-for-a-while, fault run" });
    expect(timeline?.found).toContain("took 100 ms");
    expect(timeline?.events[timeline.broken ?? -1]).toMatchObject({ at: 300, kind: "answer" });
    expect(timeline?.spans.some(({ kind, words }) => kind === "fault" && words === "redis_latency")).toBe(true);
  });

  it("draws nothing of a violation that is not one of calls", () => {
    const scenarioOfJobs = { ...declared, always: ["V1" as const] };
    const observations = [dump(0, []), entry(1, registered()), entry(3, job("reserved", "a", 1))];
    const fault = trialOf({ history: met, observations });
    const broken = { fault, control: trialOf({ history: calm, side: "control" }) };
    const evidence = evidenceOf({
      ...{ scenario: scenarioOfJobs, pair: broken, judged: judgePair(scenarioOfJobs, broken) },
      ...{ token: "t", durationMs: 1, files: [] },
    });
    expect(evidence.violations).toMatchObject([{ property: "V1" }]);
    expect(evidence.violations[0]).not.toHaveProperty("timeline");
  });

  it("keeps pictures small and peaks in them", () => {
    const latency = evidence.series.find(({ kind, side }) => kind === "latency_ms" && side === "fault");
    expect(latency?.points.length).toBeLessThanOrEqual(2_001);
    expect(Math.max(...(latency?.points.map(([, value]) => value) ?? []))).toBe(100);
  });

  it("draws the mode of every instance from the start to the end", () => {
    const modes = evidence.series.find(({ kind, side }) => kind === "mode" && side === "fault");
    expect(modes?.points).toEqual([
      [0, 0],
      [130, 1],
      [1_000, 1],
    ]);
  });

  const metByTheFault =
    2 + Array.from({ length: 5_000 }, (_, at) => at / 5).filter((at) => at + 1 > 100 && at < 400).length;

  it("draws how much of the budget the reads left, those that a fault met against those of the control", () => {
    const margins = evidence.series.filter(({ kind }) => kind === "margin_ms");
    expect(margins.map(({ side }) => side)).toEqual(["fault", "control"]);
    // The reads, of 5,002, that were in flight at some moment of the fault, from 100 to 400 ms.
    expect(margins[0]?.points.at(-1)).toEqual([-50, Math.round(1e7 / metByTheFault) / 1e7]);
    expect(margins[1]?.points).toEqual([[49, 1]]);
  });

  it("gives figures of both sides with their threshold, and the fault's window", () => {
    const figures = evidence.properties[0]?.figures.filter(({ name }) => name === "read_latency_ms_p99");
    expect(figures?.map(({ of, threshold }) => [of, threshold])).toEqual([
      ["slow-for-a-while, fault", 50],
      ["slow-for-a-while, control", 50],
    ]);
    expect(evidence.faults).toEqual([
      { scenario: "slow-for-a-while", kind: "redis_latency", from_ms: 100, to_ms: 400 },
    ]);
  });
});

describe("a pair with drawn faults", () => {
  const asWell = faultFrom(600, 700, { fault: 1, name: "redis_busy" });
  const scenarioOf = (faults: typeof declared.faults) => ({ ...declared, faults });
  const busy = { kind: "redis_busy", at: 600, lasts: 100 } as const;

  it("is held though no call met one of them, and a property that none exercised is not owed", () => {
    const history = [...met, ...asWell];
    const scenario = { ...scenarioOf([...declared.faults, busy]), always: ["D1", "N3"] as ("D1" | "N3")[] };
    const judged = judgePair(scenario, pairOf(history, calm), { faults: "drawn" });
    expect(judged).toMatchObject({ verdict: "held", reasons: [] });
    expect(judged.properties.map(({ verdict }) => verdict)).toEqual(["held", "not_exercised"]);
    expect(judgePair(scenario, pairOf(history, calm)).verdict).toBe("not_exercised");
  });

  it("proves nothing where no call met any, or none was possible", () => {
    const idle = [read(10, 11), ...faultFrom(100, 400), ...ends];
    expect(judgePair(scenarioOf(declared.faults), pairOf(idle, calm), { faults: "drawn" })).toMatchObject({
      verdict: "not_exercised",
      reasons: ["no call met any of the faults drawn"],
    });
    expect(judgePair(scenarioOf([]), pairOf(calm, calm), { faults: "drawn" }).reasons).toEqual([
      "the seed drew no fault that can be done here",
    ]);
  });

  it("is violated all the same", () => {
    const judged = judgePair(scenarioOf(declared.faults), pairOf([...met, read(200, 300)], calm), { faults: "drawn" });
    expect(judged.verdict).toBe("violated");
  });
});
