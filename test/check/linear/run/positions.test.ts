import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AtPositions } from "../../../../src/check/linear/run/positions.ts";

describe("numbers at positions", () => {
  it("are what was put there last, at changes and elsewhere, in whatever order they are asked for", () => {
    const changes = fc.array(fc.nat(30), { maxLength: 20 }).map((from) => from.sort((a, b) => a - b));
    const puts = fc.array(fc.tuple(fc.nat(40), fc.nat(9)), { maxLength: 30 });
    fc.assert(
      fc.property(changes, puts, (positions, all) => {
        const numbers = new AtPositions(positions);
        const expected = new Map<number, number>();
        for (const [position, number] of all) {
          expect(numbers.at(position)).toBe(expected.get(position) ?? -1);
          numbers.put(position, number);
          expected.set(position, number);
        }
        for (let position = 0; position <= 40; position += 1) {
          expect(numbers.at(position)).toBe(expected.get(position) ?? -1);
        }
        for (const [change, position] of positions.entries())
          expect(numbers.ofChange(change)).toBe(numbers.at(position));
      }),
    );
  });
});
