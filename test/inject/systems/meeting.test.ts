import { describe, expect, it } from "vitest";
import { findScenario } from "../../../scenarios/registry.ts";
import { hopsFor } from "../../../src/inject/network/hop-places.ts";
import { canMeet } from "../../../src/inject/systems/meeting.ts";

const own = { hasDocumentedKeys: false, subscribes: false };
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
    expect(met(name, { hasDocumentedKeys: true, subscribes: true })).toBe(true);
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
