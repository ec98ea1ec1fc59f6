import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Claim, claims } from "../../src/bench/claims.ts";
import { judge, medianOf, meets, type Round, shareWithout } from "../../src/bench/measure/round.ts";
import { ratioOf } from "../../src/bench/peers/peer-rounds.ts";

const atMost: Claim = claims.heartbeat; // 5 ms
const burst: Claim = claims.expiry; // 2 times the mean
const atLeast: Claim = claims.pairs; // 1.3

const round = (value: number, more: Partial<Round> = {}): Round => ({
  value,
  best: value,
  worst: value,
  exercised: 10,
  taken: 0,
  ...more,
});
const rounds = (values: readonly number[], more: Partial<Round> = {}) => values.map((value) => round(value, more));

describe("the verdict of a row", () => {
  it.each([
    ["the median meets, although one round does not", atMost, rounds([1, 2, 90]), "held"],
    ["the threshold itself is allowed where it is not strict", claims.cold_start, rounds([500, 500, 500]), "held"],
    ["the threshold itself is missed where it is strict", atMost, rounds([5, 5, 5]), "violated"],
    ["a heartbeat just below 5 ms", atMost, rounds([4.999, 4.999, 4.999]), "held"],
    ["a selection of 50 ms", claims.selection, rounds([50, 50, 50]), "violated"],
    ["a time that is kept in one round, and missed in the median", atMost, rounds([1, 6, 7]), "unknown"],
    ["one that is missed in the median by more than three times", atMost, rounds([1, 15.1, 16]), "violated"],
    ["a time that no round keeps", atMost, rounds([5.1, 6, 7]), "violated"],
    ["a burst that one round does not have, and the median has", burst, rounds([1.6, 2.2, 2.6]), "unknown"],
    ["a burst that every round has", burst, rounds([2.1, 2.2, 2.6]), "violated"],
    ["one as large as of entries that come due in step", burst, rounds([1.6, 3.1, 3.2]), "violated"],
    ["a ratio that one round has, and the median has not", atLeast, rounds([1.4, 1, 1.2]), "violated"],
    ["a rate that is enough", atLeast, rounds([1.1, 1.4, 1.5]), "held"],
    ["a rate that is not", atLeast, rounds([1.1, 1.2, 1.5]), "violated"],
    ["a miss that the machine may have caused", atMost, rounds([8, 8, 8], { best: 4, taken: 0.5 }), "unknown"],
    ["a miss that it cannot have caused alone", atMost, rounds([80, 80, 80], { best: 40, taken: 0.5 }), "violated"],
    ["a ratio that is met only because the peer was disturbed", atLeast, rounds([2, 2, 2], { worst: 1 }), "unknown"],
    ["two rounds, however good", atMost, rounds([1, 1]), "unknown"],
    ["none", atMost, [], "unknown"],
    ["a round that measured nothing", atMost, [...rounds([1, 1, 1]), round(1, { exercised: 0 })], "not_exercised"],
    ["figures that are no numbers", atMost, rounds([Number.NaN, Number.NaN, Number.NaN]), "violated"],
  ] as const)("%s", (_, claim, made, verdict) => {
    const judged = judge(claim, made);
    expect(judged.verdict).toBe(verdict);
    expect(judged.reason === undefined).toBe(verdict === "held");
  });

  it("says what was found and what was allowed, and reports the spread of all rounds", () => {
    expect(judge(atMost, rounds([9, 6, 7]))).toMatchObject({
      median: 7,
      min: 6,
      max: 9,
      rounds: 3,
      exercised: 30,
      reason: "heartbeat_ms_p99: found 7, allowed less than 5",
    });
  });

  const measured = fc.record({
    value: fc.double({ min: 0.01, max: 100, noNaN: true }),
    taken: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  it("is never held where the median of what was measured misses, whatever others had of the machine", () => {
    fc.assert(
      fc.property(fc.array(measured, { minLength: 3, maxLength: 9 }), (all) => {
        const made = all.map(({ value, taken }) => round(value, { best: value * shareWithout(taken), taken }));
        const met = meets(atMost, medianOf(all.map(({ value }) => value)));
        expect(judge(atMost, made).verdict === "held").toBe(met);
      }),
    );
  });

  it("is violated beyond three times the threshold, however busy the machine was", () => {
    fc.assert(
      fc.property(fc.array(measured, { minLength: 3, maxLength: 9 }), (all) => {
        const made = all.map(({ value, taken }) =>
          round(15.1 + value, { best: (15.1 + value) * shareWithout(taken), taken }),
        );
        expect(judge(atMost, made).verdict).toBe("violated");
      }),
    );
  });
});

describe("a round beside a peer", () => {
  it("is ours divided by the peer's, better had we been alone, worse had the peer been", () => {
    const { best, value, worst, ...rest } = ratioOf({ ours: 60, exercised: 9, taken: 0.5 }, 40, 0.25);
    expect([worst, value, best]).toEqual([1.125, 1.5, 3]);
    expect(rest).toEqual({ ours: 60, peers: 40, exercised: 9, taken: 0.5 });
  });

  it("shows both rates with the ratio", () => {
    const made = [2, 3, 4].map((ours) => ratioOf({ ours, exercised: 1, taken: 0 }, 2, 0));
    expect(judge(atLeast, made)).toMatchObject({
      verdict: "held",
      median: 1.5,
      ours: { median: 3, min: 2, max: 4 },
      peers: { median: 2, min: 2, max: 2 },
    });
  });
});

describe("a time beside that of calls without the scheduler", () => {
  const beside = (bare: readonly number[]) =>
    judge(
      claims.heartbeat,
      bare.map((one) => round(16, { bare: one })),
    );

  it("is open where they miss the threshold in most rounds, and never held", () => {
    expect(beside([1, 5, 6])).toMatchObject({
      verdict: "unknown",
      cause: "machine_load",
      reason:
        "heartbeat_ms_p99: found 16, allowed less than 5, but bare PINGs at the same rate took 5 ms on this machine; run again with less beside it",
    });
  });

  it("is violated where they meet it in most rounds, or were not made", () => {
    expect(beside([1, 4.9, 60]).verdict).toBe("violated");
    expect(judge(claims.heartbeat, rounds([16, 16, 16])).verdict).toBe("violated");
  });

  it("is held or not by its own figure alone", () => {
    expect(judge(claims.heartbeat, rounds([4, 4, 4], { bare: 60 })).verdict).toBe("held");
  });
});

describe("a burst on a slow machine", () => {
  const of = (value: number, slowness: number) => judge(burst, rounds([value, value, value]), slowness).verdict;

  it("is open below that of entries in step, as far as the machine is slower", () => {
    expect([of(2.5, 1.8), of(2.5, 1.2), of(2.5, 1)]).toEqual(["unknown", "violated", "violated"]);
    expect([of(3.1, 1.8), of(3.1, 4)]).toEqual(["violated", "violated"]);
  });
});

describe("a time on a machine that computes slower than the one its threshold is for", () => {
  const { heartbeat } = claims;
  const at = (value: number, slowness?: number) => judge(heartbeat, rounds([value, value, value]), slowness).verdict;

  it("is open as far as that explains it, and never held", () => {
    expect([at(7, 1.6), at(5, 1.6), at(4.9, 1.6)]).toEqual(["unknown", "unknown", "held"]);
  });

  it("is violated beyond it, and anywhere on a machine as quick as that one", () => {
    expect([at(8.1, 1.6), at(5.1)]).toEqual(["violated", "violated"]);
  });
});
