import { describe, expect, it } from "vitest";
import { scenario } from "../../scenarios/declare/declare.ts";
import { ms, seconds } from "../../scenarios/declare/units.ts";
import { scenarios } from "../../scenarios/registry.ts";
import type { HistoryEvent } from "../../src/check/history.ts";
import type { Observation } from "../../src/check/observed/observation.ts";
import { unmetAssumptions } from "../../src/inject/assumptions.ts";
import { call, dump, entry, faultFrom, node, phase, read, registered, trialOf } from "../check/trials.ts";

const declared = scenario({
  name: "busy-for-a-while",
  why: "A scenario that is only there to be judged by hand.",
  topology: { instances: 1, nodes: 1, maxJobsPerNode: 1, partitions: 1 },
  load: [
    { kind: "read", every: ms(10) },
    { kind: "reserve", every: ms(20) },
    { kind: "late_heartbeat", every: ms(20) },
  ],
  faults: [{ kind: "redis_latency", at: ms(100), lasts: ms(300), adds: ms(200) }],
  always: ["D1"],
  duration: seconds(1),
});

const pace = { kind: "pace", at: 1_000, planned: 50, made: 50, late_ms_p95: 3, late_ms_max: 9 } as const;
const reserved = call({ op: "reserve_job", job: "j", from: 20, to: 21, reply: "reserved" });
const completed = call({ op: "complete_job", job: "j", from: 900, to: 901, reply: "completed" });
const refused = call({ op: "heartbeat", from: 30, to: 31, reply: "stale" });
const last = read(950, 951);
const all: readonly HistoryEvent[] = [
  ...[read(10, 11), reserved, refused, completed, last, pace],
  ...[...faultFrom(100, 400), phase("healed", 1_000), phase("end", 1_100)],
];
const empty: readonly Observation[] = [{ ...dump(0, []), version: null }, entry(1, registered())];

function unmet(history: readonly HistoryEvent[], observations: readonly Observation[] = empty): readonly string[] {
  return unmetAssumptions(declared, trialOf({ history, observations }));
}

describe("what a run takes for granted", () => {
  it("holds in a run of which all was seen", () => {
    expect(unmet(all)).toEqual([]);
  });

  it("does not ask for the success of an operation that no instance has", () => {
    const configures = { load: [{ kind: "put_config", every: 10, from: 0, holds: 150 }] } as const;
    const system = {
      kind: "system",
      at: -1,
      instance: 0,
      name: "other",
      version: "1",
      claims: [],
      withheld: {},
    } as const;
    const unmetWith = (first: HistoryEvent): readonly string[] =>
      unmetAssumptions({ load: [...configures.load] }, trialOf({ history: [first, ...all], observations: empty }));
    expect(unmetWith({ ...system, ops: ["reserve_job"] })).toEqual([]);
    expect(unmetWith({ ...system, ops: ["reserve_job", "put_config"] })).toEqual(["never succeeded: put_config"]);
    expect(unmetWith(system)).toEqual(["never succeeded: put_config"]);
  });

  it("holds where the first look met an epoch that had just begun", () => {
    expect(unmet(all, [dump(0, []), entry(1, registered())])).toEqual([]);
  });

  it.each<[string, readonly Observation[]]>([
    ["the initial content of the store was not observed", []],
    ["the store was not empty at the start: partitions 0", [dump(0, [[node(1), []]])]],
    ["the store was not empty at the start: partitions 0", [dump(7, [])]],
    ["the store was not empty at the start: partitions 0", [entry(1, registered())]],
    [
      "the store was not empty at the start: partitions 0",
      [{ ...dump(0, []), version: null, left: { epoch: "e0", sequence: 3 } }],
    ],
  ])("does not: %s", (reason, observations) => {
    expect(unmet(all, observations)).toEqual([reason]);
  });

  it.each<[string, readonly HistoryEvent[]]>([
    ["the rate of the load was not recorded", without(pace)],
    ["the load did not reach its rate: 49 of 50 operations were begun", [...without(pace), { ...pace, made: 49 }]],
    [
      "the load did not reach its rate: one operation in twenty was begun 51 ms or more after its time, allowed 50 ms; run it with less beside it on the machine",
      [...without(pace), { ...pace, late_ms_p95: 51 }],
    ],
    [
      "never succeeded: get_node of a node that there is",
      all.filter((event) => event.kind !== "call" || event.op !== "get_node"),
    ],
    ["never succeeded: reserve_job", [...without(reserved), { ...reserved, reply: "full" }]],
    ["never succeeded: the end of a job", [...without(completed), { ...completed, reply: "unknown" }]],
    ["never succeeded: the refusal of a late heartbeat", [...without(refused), { ...refused, reply: "renewed" }]],
    [
      "instance 0 threw TypeError: no such thing, at dispatch: that is a mistake in its program",
      [...all, call({ op: "dispatch", from: 40, to: 41, outcome: "fail", reply: "threw TypeError: no such thing" })],
    ],
    [
      "was not healed when the load ended: redis_latency (faults[0]) of instance 0",
      all.filter((event) => event.kind !== "fault" || event.step !== "heal"),
    ],
    [
      "was not healed when the load ended: redis_latency (faults[0]) of instance 0",
      [...all.filter(({ kind }) => kind !== "fault"), ...faultFrom(100, 1_001)],
    ],
    [
      "instance 0 ended by itself: exit code 1",
      [
        ...all,
        { kind: "note", at: 500, instance: 0, what: "process_ended", facts: { how: "exit code 1", log: "" } } as const,
      ],
    ],
    [
      "the last writes of instance 0 were not answered: deadline, never returned",
      [
        ...all,
        ...Array.from({ length: 9 }, (_, index) =>
          call({ op: "heartbeat", from: 960 + index, to: 985 + index, outcome: "info", reply: "deadline" }),
        ),
        call({ op: "heartbeat", from: 990, to: null, outcome: "info", reply: "never returned" }),
      ],
    ],
    [
      "the last reads of instance 0 were not answered: never returned",
      [
        ...all,
        ...Array.from({ length: 10 }, (_, index) =>
          read(960 + index, null, { outcome: "info", reply: "never returned" }),
        ),
      ],
    ],
  ])("does not: %s", (reason, history) => {
    expect(unmet(history)).toEqual([reason]);
  });

  it("counts a success only in the load, not in what came before it", () => {
    const early = all.map((event) => (event === reserved ? { ...reserved, from: -20, to: -19 } : event));
    expect(unmet(early)).toEqual(["never succeeded: reserve_job"]);
  });

  it.each([...new Set(scenarios.flatMap(({ load }) => load.map(({ kind }) => kind)))])(
    "is not content with %s that came to nothing",
    (kind) => {
      const refused = all.filter((event) => event.kind !== "call");
      const load = [{ kind, every: ms(10), from: 0, holds: 100 }];
      const [said = ""] = unmetAssumptions({ load }, trialOf({ history: refused, observations: empty }));
      expect(said).toMatch(/^never succeeded: /);
    },
  );
});

function without(left: HistoryEvent): readonly HistoryEvent[] {
  return all.filter((event) => event !== left);
}
