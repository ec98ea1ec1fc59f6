/** The judges of linearizability against each other: what one gets wrong the others do not. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type NodeJobInput,
  type NodeJobOutput,
  type NodeJobState,
  nodeJobs,
} from "../../../src/check/linear/node/node-jobs.ts";
import { explain, judgeByAllOrders } from "../../../src/check/linear/search/brute.ts";
import type { Operation, SequentialObject } from "../../../src/check/linear/search/operation.ts";
import { judgeByVersions } from "../../../src/check/linear/search/versioned.ts";
import { judgeByWindow } from "../../../src/check/linear/search/windowed.ts";
import { type MadeHistory, madeHistories, type Seen } from "./histories.ts";

const runs = { numRuns: 2_000, seed: 7 };
const unlimited = { configurations: 1_000_000, outOfTime: () => false };
const histories = madeHistories(7);

/** Several operations may return at once: then each of them is the first. */
const endOf = (answered: string) => answered.split(" to ").at(-1);
const byAllOrders = ({ operations }: MadeHistory) => judgeByAllOrders(nodeJobs, operations);

describe("three judges of 2,000 small histories", () => {
  it("agree: by all orders and by the window", () => {
    fc.assert(
      fc.property(histories, (history) => {
        const expected = byAllOrders(history);
        const found = judgeByWindow(nodeJobs, history.operations, unlimited);
        expect(found.verdict).toBe(expected.verdict);
        if (found.verdict !== "violated" || expected.verdict !== "violated") return;
        expect(endOf(found.impossible.first)).toBe(endOf(expected.impossible.first));
        expect(found.impossible.prefix).toBe(expected.impossible.prefix);
      }),
      runs,
    );
  });

  it("agree: what is possible is so by the versions of an order that explains it, what is not is not by any", () => {
    fc.assert(
      fc.property(histories, (history) => {
        const order = explain(nodeJobs, history.operations);
        if (order === null) {
          expect(judgeByVersions(nodeJobs, history.operations, history.feed).verdict).toBe("violated");
          return;
        }
        const { operations, feed } = numbered(history.operations, order as readonly Seen[]);
        expect(judgeByVersions(nodeJobs, operations, feed).verdict).toBe("held");
      }),
      runs,
    );
  });

  it("agree on the versions that were answered: by versions and by all orders of an object that has them in its answers", () => {
    fc.assert(
      fc.property(histories, (history) => {
        const found = judgeByVersions(nodeJobs, history.operations, history.feed).verdict;
        expect(found).toBe(explain(telling(history.feed), withVersions(history)) === null ? "violated" : "held");
      }),
      runs,
    );
  });

  it("hold every right history, with the versions that were answered", () => {
    fc.assert(
      fc.property(histories, (history) => {
        fc.pre(!history.isSpoilt);
        expect(judgeByVersions(nodeJobs, history.operations, history.feed).verdict).toBe("held");
        expect(byAllOrders(history).verdict).toBe("held");
      }),
      { ...runs, numRuns: 500 },
    );
  });

  it("were asked about possible and impossible ones, with calls that overlap, that were not answered, that failed", () => {
    const sample = fc.sample(histories, runs);
    const count = (holds: (history: MadeHistory) => boolean) => sample.filter(holds).length;
    expect(count((history) => byAllOrders(history).verdict === "held")).toBeGreaterThan(600);
    expect(count((history) => byAllOrders(history).verdict === "violated")).toBeGreaterThan(400);
    expect(count(({ operations }) => operations.some(({ outcome }) => outcome === "fail"))).toBeGreaterThan(400);
    expect(count(needsUnanswered)).toBeGreaterThan(60);
    expect(count(needsOverlap)).toBeGreaterThan(100);
  });
});

/** Possible only because something that was not answered happened. */
function needsUnanswered({ operations }: MadeHistory): boolean {
  if (explain(nodeJobs, operations) === null) return false;
  return (
    explain(
      nodeJobs,
      operations.filter(({ outcome }) => outcome !== "info"),
    ) === null
  );
}

/** Possible only in an order other than that of the calls. */
function needsOverlap({ operations }: MadeHistory): boolean {
  if (explain(nodeJobs, operations) === null) return false;
  const calls = operations.filter(({ outcome }) => outcome === "ok").sort((a, b) => a.call - b.call);
  const alone = calls.map((one, index) => ({ ...one, call: index, returned: index + 0.5 }));
  return explain(nodeJobs, alone) === null;
}

/** The same history with the versions that this order gives. */
function numbered(operations: readonly Seen[], order: readonly Seen[]) {
  const feed: NodeJobInput[] = [];
  const versions = new Map<number, number>();
  let state: NodeJobState = nodeJobs.initial;
  for (const { id, input, output } of order) {
    const after = nodeJobs.next(state, input, output);
    if (after === null) throw new Error("the order does not explain the history");
    if (after !== state) feed.push(input);
    state = after;
    versions.set(id, feed.length);
  }
  const answered = operations.map((one) => ({
    ...one,
    version: one.outcome === "ok" ? (versions.get(one.id) ?? null) : null,
  }));
  return { operations: answered, feed };
}

interface SimulatedEntry {
  readonly output: NodeJobOutput;
  readonly version: number;
}

const theEnd: NodeJobInput = { kind: "read", job: -1, cap: 0 };

/** An object that goes through the changes of a feed, in order, and says with each reply how far it is. */
function telling(feed: readonly NodeJobInput[]): SequentialObject<number, NodeJobInput, SimulatedEntry> {
  const states = [nodeJobs.initial];
  for (const input of feed) states.push(nodeJobs.next(states.at(-1) as NodeJobState, input, null) as NodeJobState);
  return {
    ...(nodeJobs as unknown as SequentialObject<number, NodeJobInput, SimulatedEntry>),
    initial: 0,
    next(at, input, answered) {
      if (input === theEnd) return at === feed.length ? at : null;
      const state = states[at] as NodeJobState;
      const after = nodeJobs.next(state, input, answered?.output ?? null);
      if (after === null) return null;
      const next = after === state ? at : at + 1;
      if (next > at && JSON.stringify(feed[at]) !== JSON.stringify(input)) return null;
      return answered === null || answered.version === next ? next : null;
    },
  };
}

function withVersions({ operations }: MadeHistory): readonly Operation<NodeJobInput, SimulatedEntry>[] {
  const answered = operations.map((one): Operation<NodeJobInput, SimulatedEntry> => {
    const { output, version } = one;
    return { ...one, output: output === null || version === null ? null : { output, version } };
  });
  const last: SimulatedEntry = { output: { status: "ok", incarnation: 0, jobs: 0 }, version: 0 };
  const end = { id: 0, input: theEnd, call: 1_000, returned: 1_001, outcome: "ok", output: last } as const;
  return [...answered, end];
}
