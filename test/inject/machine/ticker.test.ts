/** The causes of stalls, as the ticker records them. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import type { Stall } from "../../../src/check/history.ts";
import { ofKind } from "../../../src/check/history.ts";
import { Stalls } from "../../../src/check/timing/stall.ts";
import { watchStalls } from "../../../src/inject/machine/ticker.ts";
import { Recorder } from "../../../src/inject/observe/recorder.ts";
import { OwnThread } from "../../../src/lab/machine/thread-time.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";

const long = 60;

function block(duration = long): void {
  const until = performance.now() + duration;
  while (performance.now() < until);
}

function begun(): Recorder {
  const recorder = new Recorder();
  recorder.begin();
  return recorder;
}

const stallsOf = (recorder: Recorder): readonly Stall[] => ofKind(recorder.events, "stall");
const longOne = (recorder: Recorder): Stall | undefined => stallsOf(recorder).find(({ lasted }) => lasted >= long - 5);

describe("the ticker", () => {
  it("records a stall of a blocked thread in the next turn", async () => {
    const recorder = begun();
    using ticker = watchStalls(recorder);
    const from = recorder.now();
    block();
    const stall = await waitFor(() => longOne(recorder), { timeout: 5_000, interval: 1 });
    expect(stall).toBeDefined();
    expect(ticker.stalledSince(from)).toBeGreaterThanOrEqual(long - 5);
  });

  it.runIf(process.platform === "linux")(
    "lays what the thread ran for at an instance's door, however busy the machine",
    async () => {
      const recorder = begun();
      using _ticker = watchStalls(recorder);
      using thread = OwnThread.open();
      const ran = () => thread?.time()?.ran ?? Number.NaN;
      const until = ran() + long;
      // Each look makes a little garbage, so they are few.
      while (ran() < until) block(5);
      const stall = await waitFor(() => longOne(recorder), { timeout: 5_000, interval: 1 });
      if (stall === undefined) throw new Error("a thread that ran for long was late for its next turn");
      // Late by all but a part of its run time: a tick of the kernel, 10 ms at most, may have been counted for another thread.
      expect(new Stalls([stall]).blame(stall.lasted - long + 20, stall.since, stall.at)).toBe("instance");
    },
  );

  it("records at the end the stall up to then, and nothing after it", async () => {
    const recorder = begun();
    const ticker = watchStalls(recorder);
    block();
    ticker.stop();
    const at = stallsOf(recorder).length;
    expect(longOne(recorder)).toBeDefined();
    block();
    ticker.stop();
    await new Promise((resolve) => setImmediate(resolve));
    expect(stallsOf(recorder)).toHaveLength(at);
  });

  it("says how much of it was a collection of garbage", async () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const recorder = begun();
    using _ticker = watchStalls(recorder);
    const collected = () => stallsOf(recorder).find(({ collected: part = 0 }) => part > 0);
    const found = await waitFor(
      () => {
        const garbage = Array.from({ length: 20_000 }, (_, index) => ({ index, text: String(index) }));
        collect();
        return garbage.length > 0 ? collected() : undefined;
      },
      { timeout: 10_000, interval: 5 },
    );
    expect(found?.collected).toBeGreaterThan(0);
  });
});
