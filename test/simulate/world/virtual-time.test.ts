import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/load/plan/seeded-random.ts";
import { pump } from "../../../src/simulate/world/drain.ts";
import { EventQueue } from "../../../src/simulate/world/queue.ts";
import { type Due, newLane, type Owner, Timeline } from "../../../src/simulate/world/virtual-time.ts";

function timelineOf(seed = 1): Timeline {
  return new Timeline(0, seededRandom(seed)("order"));
}

function runAll(timeline: Timeline): void {
  while (timeline.step());
}

describe("the queue of events", () => {
  it("gives back what was put in, by time and then by rank, whatever is put in between", () => {
    const times = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean()), { maxLength: 3_000 });
    fc.assert(
      fc.property(times, (entries) => {
        const queue = new EventQueue<readonly [number, number]>();
        const waiting: (readonly [number, number])[] = [];
        entries.forEach(([time, takes], rank) => {
          queue.push(time, rank, [time, rank]);
          waiting.push([time, rank]);
          if (!takes) return;
          waiting.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
          expect(queue.pop()).toEqual(waiting.shift());
        });
        waiting.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        for (const expected of waiting) expect(queue.pop()).toEqual(expected);
        expect(queue.pop()).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });
});

describe("virtual time", () => {
  it("goes from one thing to the next, and never back", () => {
    const timeline = timelineOf();
    const seen: number[] = [];
    for (const duration of [5, 1, 3.333, 1, 0]) timeline.after(duration, null, () => seen.push(timeline.now));
    runAll(timeline);
    expect(seen).toEqual([0, 1, 1, 3.34, 5]);
  });

  it("moves for every duration above 0, however short", () => {
    const timeline = timelineOf();
    timeline.after(1e-10, null, () => {});
    runAll(timeline);
    expect(timeline.now).toBe(0.01);
  });

  it("lets the seed decide between what is due at one moment", () => {
    const orders = new Set<string>();
    for (let seed = 1; seed <= 30; seed += 1) {
      const timeline = timelineOf(seed);
      const seen: string[] = [];
      for (const name of ["a", "b", "c"]) timeline.after(1, null, () => seen.push(name));
      runAll(timeline);
      orders.add(seen.join(""));
    }
    expect(orders.size).toBe(6);
  });

  it("keeps the order of a lane, whatever each message takes", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { maxLength: 50 }), fc.nat(), (delays, seed) => {
        const timeline = timelineOf(seed);
        const lane = newLane();
        const seen: number[] = [];
        delays.forEach((delay, index) => {
          timeline.onLane(lane, delay, null, () => seen.push(index));
          timeline.after(delay, null, () => {});
        });
        runAll(timeline);
        expect(seen).toEqual(delays.map((_, index) => index));
      }),
      { numRuns: 100 },
    );
  });
});

describe("what is inert", () => {
  it("happens in its order, and is no step of its own", () => {
    const timeline = timelineOf();
    const lane = newLane();
    const seen: string[] = [];
    for (const name of ["a", "b"]) timeline.inertly(lane, 1, () => seen.push(name));
    timeline.after(2, null, () => seen.push("c"));
    expect(timeline.step()).toBe(true);
    expect(seen).toEqual(["a", "b", "c"]);
    expect(timeline.step()).toBe(false);
  });
});

describe("a paused owner", () => {
  it("does nothing until it goes on, and then everything; a former life never", () => {
    const timeline = timelineOf();
    const postponed: Due[] = [];
    const owner: { -readonly [Key in keyof Owner]: Owner[Key] } = {
      life: 1,
      isPaused: false,
      busyUntil: 0,
      lag: 0,
      postpone: (due) => postponed.push(due),
    };
    const seen: string[] = [];
    timeline.timer(1, owner, () => seen.push("timer"));
    timeline.after(2, owner, () => seen.push("message"));
    owner.isPaused = true;
    timeline.after(5, null, () => {
      owner.isPaused = false;
      timeline.catchUp(postponed);
    });
    runAll(timeline);
    expect(seen).toEqual(["timer", "message"]);
    expect(timeline.now).toBe(5);

    timeline.timer(1, owner, () => seen.push("of a former life"));
    owner.life = 2;
    runAll(timeline);
    expect(seen).toHaveLength(2);
  });
});

describe("between two steps", () => {
  it("everything that is ready has run, however deep it lies", async () => {
    const depths: number[] = [];
    let steps = 0;
    await pump(() => {
      let depth = 0;
      const dig = async (): Promise<void> => {
        for (; depth < 50; depth += 1) await null;
        depths.push(depth);
      };
      expect(depths).toHaveLength(steps);
      steps += 1;
      void dig();
      return steps < 200;
    });
    expect(steps).toBe(200);
  });

  it("a step that throws ends it", async () => {
    await expect(
      pump(() => {
        throw new Error("out of step");
      }),
    ).rejects.toThrow("out of step");
  });
});
