/** The cause of another process's wait, from the kernel's accounting of its threads. */
import { describe, expect, it } from "vitest";
import { Waiting } from "../../../src/inject/machine/waiting.ts";

/** The first thread has the id of the process. */
const times = (ran: number, waited: number, others: readonly number[] = [], process = 7) =>
  new Map([
    [process, { ran, waited }] as const,
    ...others.map((each, index) => [process + index + 1, { ran: 0, waited: each }] as const),
  ]);

function looks(...each: readonly (readonly [at: number, times: ReturnType<typeof times> | null, process?: number])[]) {
  const waiting = new Waiting(0);
  return each.map(([at, seen, process = 7]) => waiting.look(at, process, seen));
}

describe("a process that is kept waiting for a processor", () => {
  it("waited for as long as its first thread was starved", () => {
    expect(looks([10, times(1, 5)], [20, times(2, 8)])).toEqual([null, { since: 10, at: 20, lasted: 3, waited: 3 }]);
  });

  it("may have begun to wait long before the last look: the kernel counts a wait when it is over", () => {
    const [, still, over] = looks([10, times(1, 0)], [20, times(1, 0)], [110, times(2, 95)]);
    expect(still).toBeNull();
    expect(over).toEqual({ since: 15, at: 110, lasted: 95, waited: 95 });
  });

  it("did not wait while it ran, whatever its other threads waited for", () => {
    expect(looks([10, times(0, 0, [0])], [20, times(10, 0, [10])])).toEqual([null, null]);
  });

  it("may have waited where it slept and another of its threads was starved, which is open", () => {
    expect(looks([10, times(1, 0, [0])], [20, times(3, 1, [4])])[1]).toEqual({
      ...{ since: 10, at: 20, lasted: 5, waited: 1 },
    });
    // It cannot have waited for longer than it slept.
    expect(looks([10, times(1, 0, [0, 0])], [20, times(7, 1, [9, 9])])[1]).toMatchObject({ lasted: 4, waited: 1 });
  });

  it("reports nothing for a restarted process, an ended one, and where the kernel does not report it", () => {
    expect(
      looks([10, times(1, 50)], [20, times(1, 90, [], 8), 8], [30, null, 8], [40, times(1, 95, [], 8), 8]),
    ).toEqual([...[null, null, null, null]]);
  });

  it("ignores waits of normal scheduling", () => {
    expect(looks([10, times(1, 0)], [20, times(1, 0.1)])[1]).toBeNull();
  });
});
