import { describe, expect, it } from "vitest";
import { NotReadyError, ReadyTimeout, withTimeout } from "../../src/inject/ready-timeout.ts";

/** A timeout `at` ms after its begin, on a thread that was starved for that share of the time; null: the kernel does not report it. */
function timeoutAt(at: number, share: number | null): ReadyTimeout {
  let now = 0;
  const time = () => (share === null ? null : { ran: now * 0.1, waited: now * share });
  const timeout = new ReadyTimeout(1_000, time, () => now);
  now = at;
  return timeout;
}

describe("the time before the load", () => {
  it.each([
    ["all of it counts where the thread was never starved", 0, 999, 1_000],
    ["all of it counts where the kernel does not report starvation", null, 999, 1_000],
    ["starvation does not", 0.5, 1_999, 2_000],
    ["but it ends after five times as long", 0.95, 4_999, 5_000],
  ])("%s", (_what, share, before, over) => {
    expect(timeoutAt(before, share).isOver).toBe(false);
    expect(timeoutAt(over, share).isOver).toBe(true);
  });

  it("says for how much of it the thread was starved, and whether another attempt may help", () => {
    const late = new Error("an instance was not normal");
    expect(timeoutAt(2_000, 0.5).ended(late)).toMatchObject({
      message: "an instance was not normal, after 2000 ms, 1000 ms of which this thread waited for a processor",
      fix: expect.stringContaining("less beside it"),
      isStarved: true,
    });
    expect(timeoutAt(1_000, null).ended(late)).toMatchObject({
      message: "an instance was not normal, after 1000 ms",
      fix: expect.stringContaining("what the scheduler says"),
      isStarved: false,
    });
    expect(timeoutAt(1_100, 0.02).ended(late).isStarved).toBe(false);
  });

  it("wraps an error after its end, and no earlier one", async () => {
    const failing = async () => {
      throw new Error("a crash of ours");
    };
    await expect(withTimeout(60_000, failing)).rejects.toThrow(/^a crash of ours$/);
    await expect(withTimeout(0, failing)).rejects.toThrow(NotReadyError);
    await expect(withTimeout(0, async () => {})).resolves.toBeUndefined();
  });
});
