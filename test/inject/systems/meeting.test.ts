import { describe, expect, it } from "vitest";
import { findScenario } from "../../../scenarios/registry.ts";
import { hopsFor } from "../../../src/inject/network/hop-places.ts";
import { canMeet } from "../../../src/inject/systems/meeting.ts";
import { levels } from "../../../src/sut/levels.ts";
import { ops } from "../../../src/sut/protocol.ts";
import { loadLayers } from "../../../src/verify/wiring.ts";

const own = { hasDocumentedKeys: false, ops, subscribes: false };
const met = (name: string, greeted: Parameters<typeof canMeet>[1]): boolean => {
  const scenario = findScenario(name);
  if (scenario === undefined) throw new RangeError(`no scenario ${name}`);
  return canMeet(scenario, greeted);
};

describe("a system with keys of its own meets", () => {
  it.each(["reply-lost", "delivered-twice", "late-reserves", "long-jobs", "duplicate-id"])(
    "%s, whose faults choose calls by what they carry",
    (name) => {
      expect(met(name, own)).toBe(true);
    },
  );

  it.each(["commands-overtaken", "trimmed-arrivals", "long-gap"])("%s, if it subscribes", (name) => {
    expect(met(name, own)).toBe(false);
    expect(met(name, { ...own, subscribes: true })).toBe(true);
  });

  it.each(["late-reads", "hole-in-the-feed", "redis-meddled", "clock-jump", "random-nemesis"])("%s never", (name) => {
    expect(met(name, { ...own, subscribes: true })).toBe(false);
    expect(met(name, { hasDocumentedKeys: true, ops, subscribes: true })).toBe(true);
  });
});

describe("a system of level 0", () => {
  const jobs = { hasDocumentedKeys: false, ops: levels[0]?.ops ?? [], subscribes: false };

  it.each(["redis-slow", "late-reserves", "delivered-twice"])(
    "meets %s, with the part of its load that it has",
    (name) => {
      expect(met(name, jobs)).toBe(true);
    },
  );

  it("does not meet node-churn, of whose load it has registrations alone", () => {
    expect(met("node-churn", jobs)).toBe(false);
    expect(met("node-churn", { ...jobs, ops: [...jobs.ops, ...(levels[1]?.ops ?? [])] })).toBe(true);
  });

  it.each(["reply-lost", "long-jobs"])("does not meet %s, with a fault on calls that it does not have", (name) => {
    expect(met(name, jobs)).toBe(false);
  });

  it("meets nothing without an operation that is loaded", () => {
    expect(met("redis-slow", { ...jobs, ops: ["register_node", "complete_job"] })).toBe(false);
  });
});

describe("the quick profile of a system", () => {
  it("has an outage that is longer than every TTL, and leases that end, which that of our own does not have", async () => {
    const claimed = levels.slice(0, 2).flatMap((level) => level.ops);
    const system = {
      ...own,
      ops: claimed,
      command: { file: "", args: [] },
      name: "",
      version: "",
      properties: [],
      asked: [],
    };
    const namesOf = (placed: readonly { readonly scenario: string }[]) => placed.map(({ scenario }) => scenario);
    for (const name of ["redis-gone-long", "leases-end"]) {
      expect(namesOf(await loadLayers().systemScenarios("quick", system))).toContain(name);
      expect(namesOf(await loadLayers().gateScenarios("quick"))).not.toContain(name);
    }
  });
});

describe("a run has hops", () => {
  const both = { commands: true, feed: true };
  const none = { commands: false, feed: false };

  it.each([
    ["reply_lost", "hosted", { ...none, commands: true }],
    ["wake_up_dropped", "hosted", { ...none, feed: true }],
    ["wake_up_dropped", "line_protocol", both],
    ["redis_busy", "hosted", none],
    ["redis_busy", "line_protocol", { ...none, commands: true }],
    ["wrong_type", "line_protocol", { ...none, commands: true }],
    ["redis_slow_close", "hosted", none],
    ["redis_slow_close", "line_protocol", both],
    ["redis_latency", "line_protocol", none],
  ] as const)("for %s of instances that are %s only where they are needed", (kind, instances, hops) => {
    expect(hopsFor([{ kind }], instances)).toEqual(hops);
  });
});
