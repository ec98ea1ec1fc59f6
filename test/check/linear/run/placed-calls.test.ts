import { describe, expect, it } from "vitest";
import { PlacedCalls } from "../../../../src/check/linear/run/placed-calls.ts";

const ranges = [
  { first: 3, last: 5 },
  { first: 9, last: 9 },
  { first: 13, last: 20 },
];

describe("a call's places", () => {
  const calls = new PlacedCalls();
  const read = calls.add(0, 5);
  calls.maySeeAll(read, ranges);
  const write = calls.add(1, Number.POSITIVE_INFINITY);
  calls.mayHaveMade(write, 4);
  calls.wishFor(write, { change: "reserved a", times: 2 });
  const impossible = calls.add(2, 3);

  it("are found from a floor on: in the range that it is in, or else the next one", () => {
    const places = [0, 4, 6, 9, 10, 20, 21].map((floor) => calls.earliestFrom(read, floor));
    expect(places).toEqual([3, 4, 9, 9, 13, 20, -1]);
  });

  it("are none where nothing was said of it", () => {
    expect(calls.sees(impossible)).toBe(false);
    expect(calls.madeBy(impossible)).toBe(-1);
    expect(calls.earliestFrom(impossible, 0)).toBe(-1);
  });

  it("are the same of those that are picked, under their new numbers", () => {
    const picked = calls.pick([write, read]);
    expect([picked.size, picked.madeBy(0), picked.madeBy(1), picked.sees(0), picked.sees(1)]).toEqual([
      2,
      4,
      -1,
      false,
      true,
    ]);
    expect([picked.earliestFrom(1, 6), picked.earliestFrom(1, 10)]).toEqual([9, 13]);
    expect([picked.from(0), picked.to(0), picked.from(1), picked.to(1)]).toEqual([1, Number.POSITIVE_INFINITY, 0, 5]);
    expect([...picked.wishes]).toEqual([[0, { change: "reserved a", times: 2 }]]);
  });

  it("are kept of more than a page of them, and their times with them", () => {
    const many = new PlacedCalls();
    const count = 1_000;
    for (let call = 0; call < count; call += 1) {
      expect(many.add(call, call + 5, call - 1)).toBe(call);
      many.mayHaveMade(call, 2 * call);
      many.maySee(call, 2 * call + 1, 2 * call + 1);
    }
    const [sent, from, to] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
    many.copyTimes("sent", sent, to);
    many.copyTimes("from", from, to);
    const all = Array.from({ length: count }, (_, call) => call);
    expect([...sent]).toEqual(all.map((call) => call - 1));
    expect([...from]).toEqual(all);
    expect([...to]).toEqual(all.map((call) => call + 5));
    expect(all.map((call) => many.madeBy(call))).toEqual(all.map((call) => 2 * call));
    expect(all.map((call) => many.earliestFrom(call, 0))).toEqual(all.map((call) => 2 * call + 1));
  });
});
