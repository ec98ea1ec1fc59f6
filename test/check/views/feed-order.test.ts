import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NodeContent, Sample } from "../../../src/check/history.ts";
import { judgeFeedOrder } from "../../../src/judges/feed-order.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { dump, entry, gone, job, node, registered, trialOf, view } from "../trials.ts";

const feed = [
  entry(1, registered()),
  entry(2, job("reserved", "a", 1)),
  entry(3, gone("offline")),
  entry(4, gone("removed")),
];
const states: readonly (NodeContent | null)[] = [
  null,
  node(1),
  node(2, { current_jobs: 1 }),
  node(3, { status: "offline" }),
  null,
];

function sample(sequence: number, nodes: readonly NodeContent[]): Sample {
  return { kind: "sample", at: 50, instance: 0, mode: "normal", views: [{ epoch: "e1", sequence }], nodes };
}

const moved = [view(0, 0), view(10, 2), view(20, 4)];
const judged = (...history: Parameters<typeof trialOf>[0]["history"] & object) =>
  judgeRecorded(judgeFeedOrder, trialOf({ history: [...moved, ...history], observations: feed }));

describe("F1", () => {
  it("holds for a view that is what the feed says up to its version, at every version", () => {
    for (const [sequence, state] of states.entries()) {
      expect(judged(sample(sequence, state === null ? [] : [state]))).toMatchObject({ verdict: "held", exercised: 4 });
    }
  });

  it("is violated by every view that is what another version was", () => {
    const sequences = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(sequences, sequences, (says, is) => {
        const shown = states[is] ?? null;
        const isAhead = shown !== null && is > says;
        fc.pre(shown !== (states[says] ?? null) && !isAhead);
        expect(judged(sample(says, shown === null ? [] : [shown])).verdict).toBe("violated");
      }),
    );
  });

  it("lets a record be ahead of the view, if it is whole", () => {
    expect(judged(sample(1, [node(2, { current_jobs: 1 })])).verdict).toBe("held");
    expect(judged(sample(1, [node(2)])).verdict).toBe("violated");
  });

  it("is violated by an withoutStatus node", () => {
    expect(judged(sample(1, [node(1), node(1, { node: "n9" })])).verdict).toBe("violated");
  });

  it("is violated by a node that is shown twice", () => {
    expect(judged(sample(1, [node(1), node(1)])).violations[0]?.[0]).toMatch(/has a node twice, allowed is once$/);
  });

  it("is violated where the store holds what its feed does not say", () => {
    const history = [...moved, sample(1, [node(1)])];
    const observations = [...feed.slice(0, 2), dump(2, [[node(2), []]]), ...feed.slice(2)];
    expect(judgeRecorded(judgeFeedOrder, trialOf({ history, observations })).verdict).toBe("violated");
  });

  it("is violated by a view that goes back, or takes up an epoch that it had left", () => {
    expect(judged(sample(1, [node(1)]), view(30, 3)).verdict).toBe("violated");
    expect(judged(sample(1, [node(1)]), view(30, 1, 0, "e2"), view(40, 4)).verdict).toBe("violated");
  });

  it("is unknown for versions that the observer may not have seen, and violated by those that the store never had", () => {
    expect(judged(sample(9, [node(9)]))).toMatchObject({ verdict: "unknown", cause: "unobserved" });
    expect(judged({ ...sample(9, [node(9)]), at: 3 }).violations[0]?.[0]).toBe(
      "the view of instance 0 was at e1:9, which the store never had",
    );
  });

  it("is not exercised where no view moved, or none was looked at", () => {
    expect(judgeRecorded(judgeFeedOrder, trialOf({ history: moved, observations: feed })).verdict).toBe(
      "not_exercised",
    );
    const still = trialOf({ history: [view(0, 1), sample(1, [node(1)])], observations: feed });
    expect(judgeRecorded(judgeFeedOrder, still).verdict).toBe("not_exercised");
  });
});
