import { describe, expect, it } from "vitest";
import instancePause from "../../scenarios/instance-pause.ts";
import redisSlow from "../../scenarios/redis-slow.ts";
import { runsAsProcesses } from "../../src/inject/as-processes.ts";

const plain = { redis: "single", planted: null } as const;

describe("the instances of a run", () => {
  it("are processes where something is done to them, or where that was asked for", () => {
    expect(runsAsProcesses(instancePause, plain)).toBe(true);
    expect(runsAsProcesses(redisSlow, plain)).toBe(false);
    expect(runsAsProcesses(redisSlow, { ...plain, processes: true })).toBe(true);
    expect(runsAsProcesses(redisSlow, { redis: "cluster", planted: "no-jitter" })).toBe(false);
  });

  it("cannot be where Redis has more than one address, or a wrong scheduler is planted", () => {
    expect(() => runsAsProcesses(instancePause, { ...plain, redis: "sentinel" })).toThrow("found sentinel");
    expect(() => runsAsProcesses(instancePause, { ...plain, planted: "no-jitter" })).toThrow(
      "no-jitter cannot be planted",
    );
  });
});
