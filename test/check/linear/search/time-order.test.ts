import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inTimeOrder } from "../../../../src/check/linear/search/time-order.ts";

/** Some at the same time, some that never end. */
const time = fc.oneof(
  { weight: 9, arbitrary: fc.nat(40) },
  { weight: 1, arbitrary: fc.constant(Number.POSITIVE_INFINITY) },
);

describe("the order of times", () => {
  it("is that of a stable sort, without what never ends", () => {
    fc.assert(
      fc.property(fc.array(time, { maxLength: 60 }), (times) => {
        const ending = [...times.keys()].filter((index) => times[index] !== Number.POSITIVE_INFINITY);
        const expected = ending.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
        expect([...inTimeOrder(Float64Array.from(times), times.length)]).toEqual(expected);
      }),
    );
  });

  it("is the same where the times are so far out of order that they are sorted otherwise", () => {
    const back = Float64Array.from({ length: 500 }, (_, index) =>
      index === 7 ? Number.POSITIVE_INFINITY : -(index >> 1),
    );
    const order = [...inTimeOrder(back, 500)];
    expect(order.slice(0, 4)).toEqual([498, 499, 496, 497]);
    expect(order).toHaveLength(499);
    expect(order.slice(-2)).toEqual([0, 1]);
  });

  it("looks at no more than it is asked to", () => {
    expect([...inTimeOrder(Float64Array.of(3, 1, 2, 0), 3)]).toEqual([1, 2, 0]);
  });
});
