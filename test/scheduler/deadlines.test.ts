import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Deadlines } from "../../src/scheduler/calls/deadlines.ts";
import type { Clock } from "../../src/scheduler/ports.ts";
import { VirtualClock } from "./support/virtual-clock.ts";

interface Wish {
  /** When it is set. */
  readonly at: number;
  readonly duration: number;
  /** When it is met, after it was set; null: never. */
  readonly metAfter: number | null;
}

const wishes = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 200 }),
    duration: fc.constantFrom(5, 30, 35),
    metAfter: fc.option(fc.integer({ min: 1, max: 60 })),
  }),
  { maxLength: 200 },
);

/** When each expired; null: it never did. */
async function play(all: readonly Wish[]): Promise<readonly (number | null)[]> {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const expired: (number | null)[] = all.map(() => null);
  all.forEach(({ at, duration, metAfter }, index) => {
    clock.after(at, () => {
      const deadline = deadlines.set(duration, () => {
        expired[index] = clock.now();
      });
      if (metAfter !== null) clock.after(metAfter, () => deadline.met());
    });
  });
  await clock.advance(400);
  expect(clock.sleeping).toBe(0);
  return expired;
}

describe("deadlines", () => {
  it("expire at their time, each once, unless they are met before", async () => {
    await fc.assert(
      fc.asyncProperty(wishes, async (all) => {
        const expired = await play(all);
        all.forEach(({ at, duration, metAfter }, index) => {
          if (metAfter !== null && metAfter < duration) expect(expired[index]).toBeNull();
          else if (metAfter === null || metAfter > duration) expect(expired[index]).toBe(at + duration);
        });
      }),
      { numRuns: 60 },
    );
  });

  it("cost one sleeper a duration, however many there are", async () => {
    const clock = new VirtualClock();
    const deadlines = new Deadlines(clock);
    for (let count = 0; count < 500; count += 1) deadlines.set(30, () => {});
    for (let count = 0; count < 500; count += 1) deadlines.set(35, () => {});
    await clock.advance(0);
    expect(clock.sleeping).toBe(2);
  });

  it("never expire before their setter holds them, though the process pauses for longer meanwhile", async () => {
    let now = 0;
    const halting: Clock = { now: () => (now += 100), sleep: () => Promise.resolve() };
    const deadlines = new Deadlines(halting);
    const seen: string[] = [];
    const expired = new Promise<void>((resolve) => {
      deadlines.set(30, () => {
        seen.push("expired");
        resolve();
      });
      seen.push("set");
    });
    await expired;
    expect(seen).toEqual(["set", "expired"]);
  });

  it("never expire after they have been closed, and all sleepers have ended", async () => {
    const clock = new VirtualClock();
    const deadlines = new Deadlines(clock);
    let expired = 0;
    deadlines.set(30, () => {
      expired += 1;
    });
    await clock.advance(10);
    deadlines.close();
    await clock.advance(100);
    expect({ expired, sleeping: clock.sleeping }).toEqual({ expired: 0, sleeping: 0 });
  });
});
