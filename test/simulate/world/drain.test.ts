import { describe, expect, it } from "vitest";
import { pump } from "../../../src/simulate/world/drain.ts";

/** Steps of which each leaves a chain of promises behind, and what has run by the beginning of each. */
async function played(empty?: (() => void) | null): Promise<readonly string[]> {
  const told: string[] = [];
  const chain = async (step: number): Promise<void> => {
    for (let link = 0; link < 5; link += 1) await null;
    process.nextTick(() => told.push(`tick of ${step}`));
    await null;
    told.push(`end of ${step}`);
  };
  let step = 0;
  const next = (): boolean => {
    step += 1;
    told.push(`step ${step}`);
    void chain(step);
    return step < 200;
  };
  await (empty === undefined ? pump(next) : pump(next, empty));
  return told.slice(0, told.indexOf("step 200"));
}

describe("between two steps", () => {
  it("everything that is ready has run, promises and ticks", async () => {
    const told = await played();
    for (let step = 1; step < 200; step += 1) {
      expect(told.slice((step - 1) * 3, step * 3)).toEqual([`step ${step}`, `end of ${step}`, `tick of ${step}`]);
    }
  });

  it("where Node cannot be told to empty its queue, a turn of the event loop does the same", async () => {
    expect(await played(null)).toEqual(await played());
  });
});

it("what a step throws ends it", async () => {
  await expect(
    pump(() => {
      throw new RangeError("no further");
    }),
  ).rejects.toThrow("no further");
});

it("begins only where nothing of its caller's is left to run", async () => {
  const told: string[] = [];
  const pumping = pump(() => {
    told.push("step");
    return false;
  });
  told.push("caller");
  await pumping;
  expect(told).toEqual(["caller", "step"]);
});
