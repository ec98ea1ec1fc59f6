import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../../src/check/history.ts";
import { idleFaults, metFaults } from "../../../src/check/marks.ts";
import { faultFrom, read, storeCall, trialOf } from "../trials.ts";

const idle = (history: readonly HistoryEvent[]) => idleFaults(trialOf({ history }));
const asked = read(120, 130);

describe("a fault that met no call", () => {
  it("is one during which nothing was asked", () => {
    expect(idle([...faultFrom(100, 200), read(50, 60), read(210, 220)])).toEqual([
      "redis_latency (faults[0]) on instance 0",
    ]);
    expect(idle([...faultFrom(100, 200), asked])).toEqual([]);
  });

  it.each([
    ["redis_busy", "busy"],
    ["redis_out_of_memory", "out_of_memory"],
    ["redis_readonly", "readonly"],
    ["redis_loading", "loading"],
    ["wrong_type", "wrong_type"],
  ])("is a %s that refused nothing", (name, outcome) => {
    const fault = faultFrom(100, 200, { name });
    expect(idle([...fault, asked, storeCall(120, 125)])).toEqual([`${name} (faults[0]): no call met it`]);
    expect(idle([...fault, asked, storeCall(220, 225, { outcome })])).toEqual([`${name} (faults[0]): no call met it`]);
    expect(idle([...fault, asked, storeCall(120, 125, { outcome })])).toEqual([]);
  });

  it("is a redis_slow_close while nothing closed", () => {
    const fault = faultFrom(100, 200, { name: "redis_slow_close" });
    const closed = { kind: "note", at: 150, instance: 0, what: "feed_disconnected", facts: {} } as const;
    expect(idle([...fault, asked])).toEqual(["redis_slow_close (faults[0]): no call met it"]);
    expect(idle([...fault, asked, closed])).toEqual([]);
    expect(idle([...fault, asked, { ...closed, at: 300 }])).toHaveLength(1);
  });

  it("is a pause of an instance that had nothing to do before or after, although none begins a call meanwhile", () => {
    const pause = faultFrom(200, 900, { name: "instance_pause", link: "process" });
    const unmet = ["instance_pause (faults[0]) on instance 0"];
    expect(idle([...pause, read(150, 160), read(905, 910)])).toEqual([]);
    expect(idle([...pause, read(150, 160)])).toEqual(unmet);
    expect(idle([...pause, read(905, 910)])).toEqual(unmet);
    expect(idle([...pause, read(20, 30), read(905, 910)])).toEqual(unmet);
    expect(idle([...pause, read(150, 160), read(1_020, 1_030)])).toEqual(unmet);
    expect(idle([...faultFrom(200, 900), read(150, 160), read(905, 910)])).toHaveLength(1);
  });

  it("needs to be met by one instance only, where it is the server that refuses", () => {
    const fault = faultFrom(100, 200, { name: "redis_busy", instance: null, link: "server" });
    const history = [...fault, asked, { ...asked, instance: 1 }, storeCall(120, 125, { outcome: "busy" })];
    expect(idleFaults(trialOf({ history, instances: 2 }))).toEqual([]);
  });
});

describe("faults that were met", () => {
  it("are those during which an instance asked, and met what they are about", () => {
    const second = { fault: 1, name: "redis_busy" };
    const history = [...faultFrom(100, 200), ...faultFrom(300, 400, second), asked, read(320, 330)];
    expect([...metFaults(trialOf({ history }))]).toEqual([0]);
    const refused = storeCall(320, 325, { outcome: "busy" });
    expect([...metFaults(trialOf({ history: [...history, refused] }))]).toEqual([0, 1]);
    expect([...metFaults(trialOf({ history: faultFrom(100, 200) }))]).toEqual([]);
  });
});
