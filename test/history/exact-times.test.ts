import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkFile } from "../../src/history/check-file.ts";
import { ExactTimes } from "../../src/history/lines/exact-times.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-times-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const operation = fc.record({
  call: fc.nat({ max: 40 }),
  lasts: fc.option(fc.nat({ max: 12 })),
  kind: fc.constantFrom("register", "register", "read", "read", "read", "expire", "reserve"),
  incarnation: fc.nat({ max: 3 }),
  jobs: fc.nat({ max: 1 }),
});
type Drawn = typeof operation extends fc.Arbitrary<infer Value> ? Value : never;

/** JSON.stringify has no integers of that size. */
function lineOf({ call, incarnation, jobs, kind, lasts }: Drawn, client: number, shift: bigint): string {
  const args = kind === "reserve" ? '{"job":1,"cap":1}' : "{}";
  const results: Readonly<Record<string, string>> = {
    register: `{"status":"ok","incarnation":${incarnation}}`,
    read: `{"status":"ok","incarnation":${incarnation},"jobs":${jobs}}`,
    reserve: `{"status":"${jobs === 0 ? "ok" : "dup"}"}`,
  };
  const returned = lasts === null ? "null" : shift + BigInt(call + lasts);
  const result = lasts === null ? "null" : (results[kind] ?? '{"status":"ok"}');
  return `{"client":${client},"call_ns":${shift + BigInt(call)},"return_ns":${returned},"key":"n","kind":"${kind}","args":${args},"result":${result}}`;
}

function verdictOf(drawn: readonly Drawn[], shift: bigint, isReversed: boolean): string {
  const file = join(folder, "history.jsonl");
  const lines = drawn.map((one, client) => lineOf(one, client, shift));
  writeFileSync(file, (isReversed ? lines.toReversed() : lines).join("\n"));
  return checkFile({ file, model: "node-jobs", budget: 10_000, now: () => 0 }).verdict;
}

const shifts = [1_760_000_000_000_000_000n, -1_760_000_000_000_000_001n, 2n ** 53n - 20n, 10n ** 15n - 20n, 10n ** 25n];

describe("a history", () => {
  const seen = new Set<string>();
  it("has the same verdict for every origin of its clock, and every order of its lines", () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 7 }), (drawn) => {
        const verdict = verdictOf(drawn, 0n, false);
        seen.add(verdict);
        for (const shift of [0n, ...shifts])
          for (const isReversed of [false, true]) expect(verdictOf(drawn, shift, isReversed)).toBe(verdict);
      }),
      { numRuns: 100 },
    );
  });
  it("was held and violated in some of them", () =>
    expect(seen).toEqual(new Set(["held", "violated", "not_exercised"])));

  it("shows the times of what is impossible so that they can be found in the file", () => {
    const drawn: readonly Drawn[] = [{ call: 3, lasts: 2, kind: "read", incarnation: 2, jobs: 0 }];
    const checkShifted = (shift: bigint) => {
      verdictOf(drawn, shift, false);
      return checkFile({ file: join(folder, "history.jsonl"), model: "node-jobs", budget: 1_000, now: () => 0 });
    };
    expect(checkShifted(1_000n).lines.join("\n")).toContain("from 1003 to 1005");
    const { json, lines } = checkShifted(1_760_000_000_000_000_000n);
    expect(lines.join("\n")).toContain("from 0 to 2");
    expect(lines.join("\n")).toContain("times are counted from 1760000000000000003 on");
    expect(json).toMatchObject({ times_from: "1760000000000000003" });
  });
});

describe("a time", () => {
  it("is exact up to 2^53 from the first one, and refused beyond", () => {
    const times = new ExactTimes();
    expect(times.since(1_760, 999_999_999_999_999)).toBe(0);
    expect(times.since(1_761, 0)).toBe(1);
    expect(times.since(1_768, 0)).toBe(7 * 10 ** 15 + 1);
    expect(times.since(1_780, 0)).toBeNaN();
    expect(times.text(1)).toBe("1761000000000000000");
  });
});
