/** Judges of linearizability, and wrong ones made of them, to see that the histories of known verdict tell them apart. */

import { nodeJobs } from "../node/node-jobs.ts";
import { judgeByAllOrders } from "../search/brute.ts";
import type { Ruling } from "../search/operation.ts";
import { judgeByVersions } from "../search/versioned.ts";
import { judgeByWindow } from "../search/windowed.ts";
import { type KnownHistory, knownHistories } from "./histories.ts";

type Asked = Pick<KnownHistory, "operations" | "feed">;
type Judge = (asked: Asked) => Ruling;

const limits = { configurations: 100_000, outOfTime: () => false };

const judges: Readonly<Record<string, Judge>> = {
  "by versions": ({ feed, operations }) => judgeByVersions(nodeJobs, operations, feed),
  "by the window": ({ operations }) => judgeByWindow(nodeJobs, operations, limits),
  "by all orders": ({ operations }) => judgeByAllOrders(nodeJobs, operations),
};

export const judgeChanges = [
  "accepts-everything",
  "rejects-everything",
  "ignores-unanswered",
  "ignores-real-time",
  "takes-touching-for-ordered",
  "takes-failed-for-unanswered",
  "drops-the-last",
  "lets-unanswered-happen-twice",
] as const;

/** One line of a judge got wrong: what it sees is not what was asked, or what it says is not what it found. */
export type JudgeChange = (typeof judgeChanges)[number];

export interface Disagreement {
  readonly judge: string;
  readonly history: string;
  readonly expected: Ruling["verdict"];
  readonly found: Ruling["verdict"];
}

export interface JudgeTrial {
  readonly judge: string;
  /** How many histories it was asked about until it was wrong, or all. */
  readonly asked: number;
  /** null: it was right about all of them. */
  readonly wrong: Disagreement | null;
}

/** @param change null: the judges as they are */
export function tryJudges(change: JudgeChange | null): readonly JudgeTrial[] {
  return Object.entries(judges).map(([judge, right]) => {
    const judgeIt = change === null ? right : spoilt(right, change);
    for (const [index, history] of knownHistories.entries()) {
      const found = judgeIt(history).verdict;
      const { name, verdict: expected } = history;
      if (found !== expected) return { judge, asked: index + 1, wrong: { judge, history: name, expected, found } };
    }
    return { judge, asked: knownHistories.length, wrong: null };
  });
}

function spoilt(right: Judge, change: JudgeChange): Judge {
  switch (change) {
    case "accepts-everything":
      return () => ({ verdict: "held" });
    case "rejects-everything":
      return () => ({ verdict: "violated", impossible: { first: "", prefix: 0, pending: [], states: [] } });
    case "ignores-unanswered":
      return seeing(right, (operations) => operations.filter(({ outcome }) => outcome !== "info"));
    case "ignores-real-time":
      return seeing(right, (operations) =>
        operations.map((one) => ({ ...one, call: 0, returned: later(one.returned) })),
      );
    case "takes-touching-for-ordered":
      return seeing(right, (operations) => operations.map((one) => ({ ...one, returned: one.returned - 0.5 })));
    case "takes-failed-for-unanswered":
      return seeing(right, (operations) =>
        operations.map((one) => (one.outcome === "fail" ? { ...one, outcome: "info" } : one)),
      );
    case "drops-the-last":
      return seeing(right, (operations) => operations.slice(0, -1));
    case "lets-unanswered-happen-twice":
      return seeing(right, (operations) => [...operations, ...again(operations)]);
  }
}

function again(operations: Asked["operations"]): Asked["operations"] {
  return operations.filter(({ outcome }) => outcome === "info").map((one) => ({ ...one }));
}

function later(returned: number): number {
  return Number.isFinite(returned) ? 1_000_000 : returned;
}

function seeing(right: Judge, change: (operations: Asked["operations"]) => Asked["operations"]): Judge {
  return ({ feed, operations }) => right({ feed, operations: change(operations) });
}
