import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeJobKinds, nodeJobStatuses } from "../../src/check/linear/node/node-jobs.ts";
import { type ActRow, Acts, noStatus } from "../../src/history/node-jobs/operations.ts";

const row = fc.record({
  kind: fc.nat(nodeJobKinds.length - 1),
  job: fc.nat(63),
  cap: fc.nat(64),
  status: fc.oneof(fc.nat(nodeJobStatuses.length - 1), fc.constant(noStatus)),
  incarnation: fc.oneof(fc.nat(3), fc.constant(0xffffffff)),
  jobs: fc.nat(255),
});

function expected({ cap, incarnation, job, jobs, kind, status }: ActRow) {
  const input = { kind: nodeJobKinds[kind], job, cap };
  const output = status === noStatus ? null : { status: nodeJobStatuses[status], incarnation, jobs };
  return { input, output };
}

describe("acts of node-jobs", () => {
  it("have one number each, and are unchanged", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 200 }), (rows) => {
        const acts = new Acts();
        const numbers = rows.map((one) => acts.numberOf(one));
        for (const [index, one] of rows.entries())
          expect(acts.of(numbers[index] as number)).toMatchObject(expected(one));
        expect(rows.map((one) => acts.numberOf(one))).toEqual(numbers);
        const different = new Set(rows.map((one) => JSON.stringify(one))).size;
        expect(new Set(numbers).size).toBe(different);
      }),
      { numRuns: 50 },
    );
  });

  it("grow with a file in which all are different", () => {
    const acts = new Acts();
    const rows = Array.from({ length: 150_000 }, (_, index) => {
      return { kind: 4, job: 0, cap: 0, status: 0, incarnation: index, jobs: index % 7 };
    });
    const numbers = rows.map((one) => acts.numberOf(one));
    expect(numbers).toEqual(rows.map((_, index) => index));
    for (const index of [0, 1_023, 1_024, 99_999, 100_000, 149_999]) {
      expect(acts.of(index)).toMatchObject({ isRead: true, ...expected(rows[index] as ActRow) });
    }
  });
});
