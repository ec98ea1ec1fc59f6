import { describe, expect, it } from "vitest";
import { pump } from "../../../src/simulate/world/drain.ts";

/** Steps of which each leaves a chain of promises behind, and what has run by the beginning of each. */
async function played(empty?: (() => void) | null): Promise<readonly string[]> {
  const seen: string[] = [];
  const chain = async (step: number): Promise<void> => {
    for (let link = 0; link < 5; link += 1) await null;
    process.nextTick(() => seen.push(`tick of ${step}`));
    await null;
    seen.push(`end of ${step}`);
  };
  let step = 0;
  const next = (): boolean => {
    step += 1;
    seen.push(`step ${step}`);
    void chain(step);
    return step < 200;
  };
  await (empty === undefined ? pump(next) : pump(next, empty));
  return seen.slice(0, seen.indexOf("step 200"));
}

describe("between two steps", () => {
  it("everything that is ready has run, promises and ticks", async () => {
    const seen = await played();
    for (let step = 1; step < 200; step += 1) {
      expect(seen.slice((step - 1) * 3, step * 3)).toEqual([`step ${step}`, `end of ${step}`, `tick of ${step}`]);
    }
  });

  it("without the function of Node that empties its queue, a turn of the event loop does the same", async () => {
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
  const seen: string[] = [];
  const pumping = pump(() => {
    seen.push("step");
    return false;
  });
  seen.push("caller");
  await pumping;
  expect(seen).toEqual(["caller", "step"]);
});
