import { describe, expect, it } from "vitest";
import { type NodeJobInput, type NodeJobOutput, nodeJobs } from "../../../../src/check/linear/node/node-jobs.ts";
import type { Operation } from "../../../../src/check/linear/search/operation.ts";
import { judgeByWindow } from "../../../../src/check/linear/search/windowed.ts";
import { madeLong } from "../made-long.ts";

type One = Operation<NodeJobInput, NodeJobOutput>;

const unlimited = { configurations: 1_000_000, outOfTime: () => false };
const judge = (history: readonly One[], limits = unlimited) => judgeByWindow(nodeJobs, history, limits);

const register: NodeJobInput = { kind: "register", job: 0, cap: 0 };
const reserve = (job: number): NodeJobInput => ({ kind: "reserve", job, cap: 64 });
const read: NodeJobInput = { kind: "read", job: 0, cap: 0 };
const said = (status: NodeJobOutput["status"], incarnation = 0, jobs = 0): NodeJobOutput => ({
  status,
  incarnation,
  jobs,
});

function ok(id: number, call: number, returned: number, input: NodeJobInput, output: NodeJobOutput): One {
  return { id, call, returned, input, outcome: "ok", output };
}

function open(id: number, call: number, input: NodeJobInput): One {
  return { id, call, returned: Number.POSITIVE_INFINITY, input, outcome: "info", output: null };
}

const start = ok(0, 0, 1, register, said("ok", 1));
/** `count` reserves at once, and a read afterwards of how many there are. */
const atOnce = (count: number, jobs: number): readonly One[] => [
  start,
  ...Array.from({ length: count }, (_, job) => ok(job + 1, 10 + job, 100, reserve(job), said("ok"))),
  ok(count + 1, 200, 201, read, said("ok", 1, jobs)),
];

describe("the judge by the window", () => {
  it("decides up to 62 calls in flight at once, and says unknown of more", () => {
    const readers = (count: number, incarnation: number) => [
      start,
      ...Array.from({ length: count - 1 }, (_, index) => ok(index + 1, 10 + index, 100, read, said("ok", 1, 0))),
      ok(99, 90, 95, read, said("ok", incarnation, 0)),
    ];
    expect(judge(readers(62, 1)).verdict).toBe("held");
    expect(judge(readers(62, 2)).verdict).toBe("violated");
    expect(judge(readers(63, 1))).toEqual({
      verdict: "unknown",
      reason: "63 operations in flight at once, allowed 62",
    });
  });

  it("says unknown when the configurations or the time run out, never held or violated", () => {
    /** Reads in between that keep everything open: any subset of the reserves may have happened. */
    const between = ok(90, 50, 60, read, said("ok", 1, 7));
    const wide = [...atOnce(14, 14), between];
    expect(judge(wide).verdict).toBe("held");
    expect(judge(wide, { ...unlimited, configurations: 100 })).toEqual({
      verdict: "unknown",
      reason: "more than 100 configurations were possible",
    });
    expect(judge(wide, { ...unlimited, outOfTime: () => true })).toEqual({
      verdict: "unknown",
      reason: "the time was up",
    });
  });

  it("holds a long possible history with many calls in flight, and finds the one reply in it that is not", () => {
    const { operations } = madeLong(3_000, 0);
    expect(judge(operations).verdict).toBe("held");
    const at = operations.findIndex(({ id, input, output }) => id > 1_500 && input.kind === "read" && output !== null);
    const wrong = operations.map((one, index) =>
      index === at && one.output !== null ? { ...one, output: { ...one.output, jobs: one.output.jobs + 9 } } : one,
    );
    const first = expect.stringContaining(`#${operations[at]?.id} read`);
    expect(judge(wrong)).toMatchObject({ verdict: "violated", impossible: { first } });
  });

  it("finds that many unanswered calls had to happen, at the moment that they had to", () => {
    const unanswered = Array.from({ length: 6 }, (_, job) => open(job + 1, 10, reserve(job)));
    const seen = [0, 2, 3, 3, 6].map((jobs, index) =>
      ok(20 + index, 20 + 2 * index, 21 + 2 * index, read, said("ok", 1, jobs)),
    );
    expect(judge([start, ...unanswered, ...seen]).verdict).toBe("held");
    expect(judge([start, ...unanswered.slice(1), ...seen]).verdict).toBe("violated");
    expect(judge([start, ...unanswered, ...seen, ok(40, 40, 41, read, said("ok", 1, 5))]).verdict).toBe("violated");
  });

  it("goes back over an unanswered call that it used too early", () => {
    const again = [
      ...[start, open(1, 2, reserve(1)), open(2, 2, reserve(2)), ok(3, 10, 11, read, said("ok", 1, 1))],
      ...[ok(4, 12, 13, reserve(1), said("ok")), ok(5, 14, 15, reserve(2), said("dup"))],
    ];
    expect(judge(again).verdict).toBe("held");
  });

  it("tells the first return that nothing explains, and no more lines than fit", () => {
    const ruling = judge([...atOnce(13, 13), ok(99, 5, 9, read, said("ok", 3, 0))]);
    if (ruling.verdict !== "violated") throw new Error("not violated");
    const { first, pending, prefix, states } = ruling.impossible;
    expect(first).toBe("#99 read -> ok, incarnation 3, 0 jobs, from 5 to 9");
    expect({ pending, prefix, states }).toEqual({ pending: [], prefix: 2, states: ["incarnation 1, alive, jobs {}"] });
    const crowded = judge([...atOnce(13, 13), ok(99, 55, 56, read, said("ok", 3, 0))]);
    expect(crowded).toMatchObject({ impossible: { prefix: 15, pending: { length: 13 } } });
  });
});
