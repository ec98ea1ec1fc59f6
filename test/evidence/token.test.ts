import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layerNames } from "../../src/evidence/evidence.ts";
import { UsageError } from "../../src/evidence/failure.ts";
import { decodeToken, encodeToken, type ReplayToken } from "../../src/evidence/token.ts";

const count = () => fc.nat({ max: 100_000 });
/** JSON as it comes back from a line of text: no `-0`. */
const json = () => fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);

function tokens(): fc.Arbitrary<ReplayToken> {
  return fc.record(
    {
      subject: fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,30}$/),
      seed: fc.nat({ max: 0xffffffff }),
      layer: fc.constantFrom(...layerNames),
      run: count(),
      runs: count(),
      script_set: fc.string(),
      mutant: fc.string(),
      plan: json(),
      options: fc.dictionary(
        fc.string().filter((key) => key !== "__proto__"),
        json(),
      ),
    },
    { requiredKeys: ["subject", "seed", "layer"], noNullPrototype: true },
  );
}

function failureOf(token: string): UsageError {
  try {
    decodeToken(token);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`accepted: ${token}`);
}

const sample = encodeToken({ subject: "conform", seed: 8213, layer: "conform", run: 17, plan: [{ kind: "sweep" }] });

describe("a token", () => {
  it("is decoded to what was encoded, and is one printable line", () => {
    fc.assert(
      fc.property(tokens(), (token) => {
        const text = encodeToken(token);
        expect(text).toMatch(/^lp1:[a-z0-9_-]+:\d+:[A-Za-z0-9_-]+$/);
        expect(decodeToken(text)).toEqual(token);
      }),
    );
  });

  it("is refused where any one character is replaced, removed or added", () => {
    const character = fc.oneof(fc.constantFrom(...sample), fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }));
    const place = fc.nat({ max: sample.length - 1 });
    const edits = fc.constantFrom("replace", "leave out", "put in");
    fc.assert(
      fc.property(place, character, edits, (at, put, edit) => {
        const kept = sample.slice(0, at);
        const rest = sample.slice(edit === "put in" ? at : at + 1);
        const edited = kept + (edit === "leave out" ? "" : put) + rest;
        fc.pre(edited !== sample);
        expect(failureOf(edited)).toBeInstanceOf(UsageError);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is refused when it was cut off, at every length", () => {
    for (let length = 0; length < sample.length; length += 1) {
      expect(failureOf(sample.slice(0, length)).name).toBe("UsageError");
    }
  });

  it.each([
    ["lp2:conform:1:abcdefgh", /version lp2; this program speaks lp1/, /lp2/],
    ["nonsense", /found "nonsense" at the start, allowed lp1/, /the first part/],
    ["lp1:conform:1", /3 parts between colons, allowed exactly 4/, /form/],
    [`${sample.slice(0, -1)}!`, /found "!" in the payload/, new RegExp(`character ${sample.length}`)],
    [`${sample.slice(0, -2)}`, /checksum that does not fit/, /last 4 characters/],
  ])("%s: says what was found and where", (token, message, where) => {
    const failure = failureOf(token);
    expect(failure.message).toMatch(message);
    expect(failure.where).toMatch(where);
    expect(failure.fix).not.toBe("");
  });

  it("cannot be made for a subject with a colon, nor for a seed out of range", () => {
    expect(() => encodeToken({ subject: "a:b", seed: 1, layer: "conform" })).toThrow(RangeError);
    expect(() => encodeToken({ subject: "a", seed: 2 ** 32, layer: "conform" })).toThrow(RangeError);
  });
});
