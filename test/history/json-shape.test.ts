import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { membersOf } from "../../src/history/lines/json-shape.ts";

function membersIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const inside = Object.values(value).reduce<number>((sum, one) => sum + membersIn(one), 0);
  return inside + (Array.isArray(value) ? 0 : Object.keys(value).length);
}

describe("the members of a text", () => {
  it("are those of its value, whatever its strings hold", () => {
    const odd = fc.stringMatching(/^[\\":{}[\],a]*$/);
    const value = fc.object({ key: odd, values: [odd, fc.double(), fc.constant(null)], maxDepth: 4 });
    fc.assert(
      fc.property(value, fc.nat({ max: 9 }), (one, indent) => {
        const text = JSON.stringify(one, null, indent);
        expect(membersOf(`{"${text}`, 2, text.length + 2)).toBe(membersIn(JSON.parse(text)));
      }),
      { numRuns: 1_000 },
    );
  });

  it("are more than those of its value where a name occurs twice", () => {
    const text = '{"a":{"b":1,"b":2},"a":3}';
    expect(membersOf(text, 0, text.length)).toBe(4);
    expect(membersIn(JSON.parse(text))).toBe(1);
  });

  it("are not counted where the nesting is too deep, or a string does not end", () => {
    const nested = (depth: number) => membersOf(`${"[".repeat(depth)}${"]".repeat(depth)}`, 0, 2 * depth);
    expect(nested(32)).toBe(0);
    expect(nested(33)).toBeNull();
    expect(membersOf('{"a":"b\\":', 0, 9)).toBe(1);
  });
});
