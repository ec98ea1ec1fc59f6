import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { shareOfOthers, watch } from "../../src/bench/measure/watch.ts";
import { closedLoop, openLoop } from "../../src/bench/world/load.ts";

const { signal } = new AbortController();
const none = async (): Promise<number> => 0;

describe("the open loop", () => {
  it("counts from when a call was due: one slow answer makes those behind it late, not absent", async () => {
    const latencies = await openLoop({
      ...{ perSecond: 1_000, count: 100, lanes: 1, signal },
      async call(index) {
        if (index === 0) await sleep(100);
        return true;
      },
    });
    expect(latencies.count).toBe(100);
    // Half of the calls were due in the first 50 ms, and none of them could be sent before 100 ms.
    expect(latencies.at(50)).toBeGreaterThanOrEqual(49);
  });

  it("counts the lateness of our own timers too", async () => {
    const latencies = await openLoop({
      ...{ perSecond: 1_000, count: 100, lanes: 100, signal },
      async call(index) {
        if (index === 0) standStill(100);
        return true;
      },
    });
    expect(latencies.at(50)).toBeGreaterThanOrEqual(49);
  });

  it("never has two calls of one lane in flight", async () => {
    const busy = new Set<number>();
    let overlaps = 0;
    await openLoop({
      ...{ perSecond: 5_000, count: 200, lanes: 7, signal },
      async call(_, lane) {
        if (busy.has(lane)) overlaps += 1;
        busy.add(lane);
        await sleep(2);
        busy.delete(lane);
        return true;
      },
    });
    expect(overlaps).toBe(0);
  });

  it("offers nothing more after its end", async () => {
    const ended = new AbortController();
    const latencies = await openLoop({
      ...{ perSecond: 1_000, count: 1_000_000, lanes: 10, signal: ended.signal },
      async call(index) {
        if (index === 20) ended.abort();
        return true;
      },
    });
    expect(latencies.count).toBeGreaterThanOrEqual(20);
  });
});

describe("the closed loop", () => {
  it("keeps its width in flight, and counts only completed calls", async () => {
    let inFlight = 0;
    let most = 0;
    const { done, failed } = await closedLoop({
      ...{ width: 8, count: 100, signal },
      async call(index) {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await sleep(1);
        inFlight -= 1;
        return index % 4 !== 0;
      },
    });
    expect({ done, failed, most }).toEqual({ done: 75, failed: 25, most: 8 });
  });
});

describe("what the machine took", () => {
  it("does not count our own work: a loop that we block ourselves is no stall", async () => {
    const work = 120;
    const { stalls, took } = await watch(none, async () => {
      await sleep(10);
      const used = process.cpuUsage();
      while (process.cpuUsage(used).user < work * 1_000);
      await sleep(10);
    });
    // The rest is the share of the core that other processes had.
    expect(stalls.longest).toBeLessThanOrEqual(took - work);
  });

  it("counts a process that waits for the core and does not work", async () => {
    const { stalls } = await watch(none, async () => {
      await sleep(10);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 120);
      await sleep(10);
    });
    expect(stalls.longest).toBeGreaterThan(90);
  });

  it("is a share, from 0 to 1", async () => {
    const share = await shareOfOthers(100);
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThanOrEqual(1);
  });
});

/** Works without giving way. */
function standStill(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}
