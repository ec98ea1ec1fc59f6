import { describe, expect, it } from "vitest";
import { OwnThread, readThreadTime, threadTimesOf, timeBetween } from "../../../src/lab/machine/thread-time.ts";

describe("what the kernel says of a thread", () => {
  it("is read in ms: time on a processor, then time in line for one", () => {
    expect(readThreadTime("1018098000 529890 6\n")).toEqual({ ran: 1018.098, waited: 0.52989 });
    for (const other of ["", "cpu", "12", "a b c"]) expect(readThreadTime(other)).toBeNull();
  });

  it("is counted from one look to the next, from 0 on for a thread that had not begun", () => {
    expect(timeBetween({ ran: 1, waited: 2 }, { ran: 4, waited: 3 })).toEqual({ ran: 3, waited: 1 });
    expect(timeBetween(undefined, { ran: 4, waited: 3 })).toEqual({ ran: 4, waited: 3 });
  });
});

/** At work, without a pause. */
function spin(duration: number): void {
  const until = performance.now() + duration;
  while (performance.now() < until);
}

describe.runIf(process.platform === "linux")("this thread", () => {
  it("has run while it computed on a processor, and was starved otherwise", () => {
    using thread = OwnThread.open();
    const before = thread?.time() ?? undefined;
    const at = performance.now();
    spin(60);
    const after = thread?.time();
    if (before === undefined || after == null) throw new Error("this system says nothing of threads");
    const took = performance.now() - at;
    const { ran, waited } = timeBetween(before, after);
    expect(ran).toBeGreaterThan(0);
    // A tick of the kernel, 10 ms at most, may be missing on either side.
    expect(ran + waited).toBeLessThanOrEqual(took + 10);
  });

  it("is one of those of its process, and none are reported for a missing process", () => {
    expect(threadTimesOf(process.pid)?.get(process.pid)?.ran).toBeGreaterThan(0);
    expect(threadTimesOf(2 ** 30)).toBeNull();
  });
});
