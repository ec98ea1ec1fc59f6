import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byScore, compareBytes, dueBy, utf8Length } from "../../../model/partition/order.ts";

/** Characters of each length in UTF-8 and of both sides of the surrogates, so that prefixes and disorder are common. */
const text = fc.string({
  unit: fc.constantFrom("a", "b", "\x7f", "\x80", "é", "\ud7ff", "\ue000", "\uff5e", "\u{1f600}"),
});

describe("text", () => {
  it("is ordered as its bytes are", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it("is ordered otherwise than `<` does it where surrogates meet the characters above them", () => {
    expect(["\u{1f600}", "\uff5e"].sort()).toEqual(["\u{1f600}", "\uff5e"]);
    expect(["\u{1f600}", "\uff5e"].sort(compareBytes)).toEqual(["\uff5e", "\u{1f600}"]);
  });

  it("has as many bytes as it has in UTF-8", () => {
    fc.assert(
      fc.property(text, (a) => {
        expect(utf8Length(a)).toBe(Buffer.byteLength(a));
      }),
    );
  });
});

describe("a sorted set", () => {
  const scores = new Map([
    ["b", 2],
    ["\u{1f600}", 1],
    ["a", 2],
    ["\uff5e", 1],
    ["c", 10],
  ]);

  it("is ordered by score, then by bytes", () => {
    expect(byScore(scores)).toEqual(["\uff5e", "\u{1f600}", "a", "b", "c"]);
  });

  it("is due up to a score, that one too", () => {
    expect(dueBy(scores, 2)).toEqual(["\uff5e", "\u{1f600}", "a", "b"]);
  });
});
