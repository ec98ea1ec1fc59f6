import { describe, expect, it } from "vitest";
import { judgedHold } from "../../../src/inject/contract/scripts/server-time-checks.ts";

const quiet = 1.8;

describe("the time that a call holds the server", () => {
  it("is held up to 2 ms, whatever the pace of the server", () => {
    expect(judgedHold("a call", { call: 2, fixedWork: Number.POSITIVE_INFINITY })).toBeNull();
  });

  it("is violated beyond it, on a server that is as quick as a quiet one", () => {
    expect(judgedHold("a call", { call: 2.5, fixedWork: quiet })?.violations).toEqual([
      ["a call held the server for 2.5 ms, allowed 2 ms"],
    ]);
    // A quicker server excuses nothing, and does not forbid what is allowed.
    expect(judgedHold("a call", { call: 2.5, fixedWork: quiet / 2 })?.violations).toHaveLength(1);
  });

  it("is open where it is missed by less than the paces of two calls are apart, and never held", () => {
    const judged = judgedHold("a call", { call: 2.1, fixedWork: quiet });
    expect(judged?.violations).toEqual([]);
    expect(judged?.open).toMatch(/a call held the server for 2\.1 ms, allowed 2 ms; .* 1\.0 times slower/u);
  });

  it("is open as far as the server was slower, and never held", () => {
    const judged = judgedHold("a call", { call: 3.9, fixedWork: 2 * quiet });
    expect(judged?.violations).toEqual([]);
    expect(judged?.open).toMatch(/a call held the server for 3\.9 ms, allowed 2 ms; .* 2\.0 times slower/u);
  });

  it("is violated beyond what a slower server explains", () => {
    expect(judgedHold("a call", { call: 4.9, fixedWork: 2 * quiet })?.violations).toHaveLength(1);
  });
});
