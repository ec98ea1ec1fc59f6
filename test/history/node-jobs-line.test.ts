import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeJobKinds, nodeJobStatuses } from "../../src/check/linear/node/node-jobs.ts";
import { BadLine } from "../../src/history/lines/line-scanner.ts";
import { NodeJobsLine } from "../../src/history/node-jobs/line.ts";

const time = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
const operation = fc.record({
  client: fc.nat(),
  call: time,
  returned: fc.option(time),
  key: fc.string({ unit: "binary" }),
  kind: fc.constantFrom(...nodeJobKinds),
  job: fc.nat({ max: 63 }),
  cap: fc.nat({ max: 64 }),
  result: fc.option(
    fc.record({
      status: fc.constantFrom(...nodeJobStatuses),
      incarnation: fc.nat({ max: 0xffffffff }),
      jobs: fc.nat({ max: 255 }),
    }),
  ),
});
type Drawn = typeof operation extends fc.Arbitrary<infer Value> ? Value : never;

/** JSON as another program may write it: its order, its blanks, its escapes. */
interface Hand {
  readonly order: readonly number[];
  readonly blanks: readonly string[];
  readonly escapes: boolean;
}
const hand: fc.Arbitrary<Hand> = fc.record({
  order: fc.array(fc.nat(), { minLength: 7, maxLength: 7 }),
  blanks: fc.array(fc.constantFrom("", "", " ", "\t", "  "), { minLength: 5, maxLength: 5 }),
  escapes: fc.boolean(),
});

function written(members: readonly (readonly [string, string])[], { blanks, order }: Hand): string {
  const [a = "", b = "", c = "", d = "", e = ""] = blanks;
  const sorted = members
    .map((member, index) => ({ member, rank: order[index] ?? 0 }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ member: [name, value] }) => `${a}"${name}"${b}:${c}${value}${d}`);
  return `{${sorted.join(",")}${sorted.length === 0 ? e : ""}}`;
}

function textOf({ call, cap, client, job, key, kind, result, returned }: Drawn, by: Hand): string {
  const args = [
    ["job", String(job)],
    ["cap", String(cap)],
  ] as const;
  const members = Object.entries(result ?? {}).map(([name, value]) => [name, JSON.stringify(value)] as const);
  const plain = JSON.stringify(key);
  const units = Array.from({ length: key.length }, (_, at) => key.charCodeAt(at).toString(16).padStart(4, "0"));
  const quoted = by.escapes ? `"${units.map((unit) => `\\u${unit}`).join("")}"` : plain;
  return written(
    [
      ["client", String(client)],
      ["call_ns", String(call)],
      ["return_ns", String(returned)],
      ["key", quoted],
      ["kind", JSON.stringify(kind)],
      ["args", written(args, by)],
      ["result", result === null ? "null" : written(members, by)],
    ],
    by,
  );
}

const exact = (high: number, low: number): bigint => BigInt(high) * 10n ** 15n + BigInt(low);

describe("a line of node-jobs", () => {
  it("has the same content for every order, blanks, escapes and position", () => {
    const line = new NodeJobsLine();
    fc.assert(
      fc.property(operation, hand, fc.nat({ max: 9 }), (drawn, by, before) => {
        const text = textOf(drawn, by);
        line.read(`${"x".repeat(before)}${text}\nnothing`, before, before + text.length);
        const { client, cap, job, key, kind, result, returned } = drawn;
        expect(line).toMatchObject({ client, cap, job, key, kind: nodeJobKinds.indexOf(kind) });
        expect(exact(line.callHigh, line.callLow)).toBe(drawn.call);
        expect(line.isAnswered).toBe(returned !== null && result !== null);
        if (returned !== null) expect(exact(line.returnHigh, line.returnLow)).toBe(returned);
        if (result === null) return;
        const { incarnation, jobs, status } = result;
        expect(line).toMatchObject({ incarnation, jobs, status: nodeJobStatuses.indexOf(status) });
      }),
      { numRuns: 1_000 },
    );
  });

  it("is reported as cut wherever its end is missing", () => {
    const line = new NodeJobsLine();
    fc.assert(
      fc.property(operation, hand, fc.nat(), (drawn, by, cut) => {
        const text = textOf(drawn, by);
        const left = text.slice(0, 1 + (cut % (text.length - 1)));
        let found: unknown;
        try {
          line.read(left, 0, left.length);
        } catch (error) {
          found = error;
        }
        expect(found).toBeInstanceOf(BadLine);
        expect(found).toMatchObject({ isCut: true });
      }),
      { numRuns: 1_000 },
    );
  });
});
