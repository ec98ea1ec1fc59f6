import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NodeCourse } from "../../../../src/check/linear/node/course.ts";
import type { Held } from "../../../../src/check/linear/node/moment.ts";
import { entry, node, registered } from "../../trials.ts";

const steps = fc
  .uniqueArray(fc.nat(60), { maxLength: 30 })
  .map((from) => from.sort((a, b) => a - b).map((one) => 2 * one));

const version = (sequence: number) => ({ epoch: "e1", sequence });

function courseOf(from: readonly number[], held: (index: number) => Held): NodeCourse {
  const course = new NodeCourse();
  for (const [index, one] of from.entries()) course.begin(one, held(index), null);
  return course;
}

describe("a node's course", () => {
  it("finds the step at a position, wherever it looked before", () => {
    fc.assert(
      fc.property(steps, fc.array(fc.nat(125), { maxLength: 40 }), (from, asked) => {
        const course = courseOf(from, () => "unseen");
        const found = asked.map((position) => course.stepAt(position));
        expect(found).toEqual(asked.map((position) => from.findLastIndex((one) => one <= position)));
      }),
    );
  });

  it("finds it while steps are added", () => {
    const course = new NodeCourse();
    const found = [2, 4, 6, 8].map((from) => {
      course.begin(from, "unseen", null);
      return [course.stepAt(from - 1), course.stepAt(from), course.stepAt(100)];
    });
    expect(found).toEqual([-1, 0, 1, 2].map((before) => [before, before + 1, before + 1]));
  });

  it("tells where the node was as wanted, or was not seen, and that it was not there before its first step", () => {
    const held: readonly Held[] = ["unseen", "absent", "unseen"];
    const course = courseOf([4, 8, 12], (index) => held[index] as Held);
    const beyond = { first: 12, last: Number.MAX_SAFE_INTEGER - 1 };
    expect(course.absent).toEqual([{ first: 0, last: 3 }, { first: 4, last: 7 }, { first: 8, last: 11 }, beyond]);
    expect(course.rangesWhere(() => false)).toEqual([{ first: 4, last: 7 }, beyond]);
  });

  it("shows a content from the change that made it until the next, through an epoch that found it so, and where it was not seen", () => {
    const record = { status: "online", incarnation: "i", max_jobs: 2 };
    const course = new NodeCourse();
    course.change(4, record, entry(2, registered()));
    course.begin(10, record, version(2));
    course.begin(12, "unseen", null);
    course.begin(14, record, version(7));
    const content = node(2, { incarnation: "i", current_jobs: 0 });
    expect(course.rangeShowing(content, 4)).toEqual({ first: 4, last: 13 });
    expect(course.rangeShowing(content, 6)).toBeNull();
    expect(course.rangeShowing(content, 3)).toBeNull();
    expect(course.rangeShowing({ ...content, current_jobs: 1 }, 4)).toBeNull();
    expect(course.rangeShowing({ ...content, status: "offline" }, 4)).toBeNull();
    expect(course.rangeShowing({ ...content, version: version(7) }, 14)?.first).toBe(14);
  });
});
