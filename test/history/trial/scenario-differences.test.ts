/** A history that departs from the scenario that it names is no pass: what a run has to show is declared there, not in the file. */
import { describe, expect, it } from "vitest";
import redisSlow from "../../../scenarios/servers/redis-slow.ts";
import type { HistoryEvent } from "../../../src/check/history.ts";
import type { Trial } from "../../../src/check/judgement.ts";
import { differencesFromScenario } from "../../../src/history/trial/scenario-differences.ts";
import { termsOf } from "../../../src/inject/declared/terms.ts";
import { recorded } from "../../check/evidence/recorded.ts";
import { changed } from "../../check/evidence/spoilt.ts";

const pace: HistoryEvent = { kind: "pace", at: 5_000, planned: 9, made: 9, late_ms_p95: 1, late_ms_max: 2 };

async function right(): Promise<Trial> {
  const trial = changed(await recorded("redis-slow"), (event) => [event], [pace]);
  return { ...trial, terms: { ...trial.terms, ...termsOf(redisSlow) } };
}

type Change = (event: HistoryEvent) => readonly HistoryEvent[];
const without =
  (isLeft: (event: HistoryEvent) => boolean): Change =>
  (event) =>
    isLeft(event) ? [] : [event];
const isFault = (event: HistoryEvent) => event.kind === "fault" || event.kind === "in_force";
const renamed: Change = (event) => [event.kind === "fault" ? { ...event, name: "redis_bandwidth" } : event];
const later: Change = (event) => [
  event.kind === "fault" && event.step === "heal" ? { ...event, asked: 60_000, done: 60_000 } : event,
];

describe("a history of a run", () => {
  it("is a run of its scenario", async () => {
    expect(differencesFromScenario("redis-slow", await right())).toEqual([]);
  });

  it.each<readonly [string, Change, RegExp]>([
    ["no fault", without(isFault), /never took effect: redis_latency \(faults\[0\]\), redis_latency \(faults\[1\]\)/],
    [
      "one of its faults",
      without((event) => event.kind === "fault" && event.fault === 1),
      /never took effect: redis_latency \(faults\[1\]\)$/,
    ],
    [
      "a fault on one instance",
      without((event) => event.kind === "fault" && event.instance === 1),
      /redis_latency \(faults\[0\]\) did not reach instance 1/,
    ],
    ["other faults", renamed, /does not declare redis_bandwidth \(faults\[0\]\), redis_bandwidth \(faults\[1\]\)/],
    ["faults that never healed", later, /was not healed when the load ended/],
    [
      "no reserve",
      without((event) => event.kind === "call" && event.op === "reserve_job"),
      /never succeeded: reserve_job/,
    ],
    ["no mode", without((event) => event.kind === "mode"), /never seen: .*degraded/],
    [
      "faults that nothing looked at",
      (event) => [
        event.kind === "fault" && event.step === "inject" ? { ...event, name: "redis_reset", due: 1 } : event,
      ],
      /nothing looked at the effect of redis_reset \(faults\[0\]\), redis_reset \(faults\[1\]\)/,
    ],
    [
      "a short load",
      (event) => [event.kind === "phase" && event.name === "quiet" ? { ...event, at: 2_000 } : event],
      /the load lasted 2000 ms, and that of redis-slow lasts 5200 ms/,
    ],
    [
      "half a fault",
      without((event) => event.kind === "fault" && event.link === "feed" && event.step === "inject"),
      /nothing says that redis_latency \(faults\[0\]\) at the feed of instance 0 began/,
    ],
    [
      "a fault that cuts nothing off",
      (event) => [event.kind === "fault" ? { ...event, cuts_off: !event.cuts_off } : event],
      /cuts_off is not as declared: redis_latency \(faults\[0\]\)/,
    ],
    ["no pace", without((event) => event.kind === "pace"), /the rate of the load was not recorded/],
  ])("with %s departs from its scenario", async (_, change, found) => {
    expect(differencesFromScenario("redis-slow", changed(await right(), change)).join("\n")).toMatch(found);
  });

  it.each<readonly [string, (trial: Trial) => Trial, RegExp]>([
    [
      "longer TTL",
      (trial) => ({ ...trial, terms: { ...trial.terms, heartbeatTtl: 150_000 } }),
      /heartbeatTtl 150000, and redis-slow has 15000/,
    ],
    [
      "term less",
      ({ terms: { readLimit: _, ...terms }, ...trial }) => ({ ...trial, terms }),
      /^the first line does not say readLimit$/,
    ],
    [
      "narrower bound",
      (trial) => ({ ...trial, bounds: { ...trial.bounds, staleness: 30 } }),
      /staleness 30, and redis-slow has 300/,
    ],
    ["instance more", (trial) => ({ ...trial, instances: 3 }), /instances 3, and redis-slow has 2/],
    ["fault in the control", (trial) => ({ ...trial, side: "control" }), /a control run has no faults/],
    ["store that was not empty", (trial) => ({ ...trial, observations: [] }), /initial content .* was not observed/],
  ])("with a %s departs from its scenario", async (_, change, found) => {
    expect(differencesFromScenario("redis-slow", change(await right())).join("\n")).toMatch(found);
  });

  it("departs from another scenario, and not from one that is not known", async () => {
    expect(differencesFromScenario("node-churn", await right())).not.toEqual([]);
    expect(differencesFromScenario("of-a-user", await right())).toEqual([]);
  });

  it("has the load that its seed gives", async () => {
    expect(differencesFromScenario("redis-slow", await right(), 1)).toEqual([
      expect.stringMatching(/^9 operations were planned, and redis-slow has \d+ on seed 1$/),
    ]);
  });
});
