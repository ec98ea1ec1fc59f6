import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../../src/check/history.ts";
import { recorded } from "../../check/evidence/recorded.ts";
import {
  dump,
  entry,
  judgedBy,
  node,
  registered,
  request,
  seenAt,
  storeCall,
  trialOf,
  view,
} from "../../check/trials.ts";

/** Epoch e2 began at 200 ms, with the node of e1. */
const former = { version: { epoch: "e1", sequence: 1 } };
const observations = [
  dump(0, []),
  entry(1, registered()),
  seenAt(200, dump(0, [[node(1, former), []]], "e2")),
  seenAt(300, entry(1, registered("n2", "e2:1"), "e2")),
  seenAt(900, dump(1, [[node(1, former), []]], "e2")),
];
const judged = (...loads: readonly HistoryEvent[]) =>
  judgedBy(
    "P1",
    trialOf({
      history: [storeCall(1, 2), view(20, 1), ...loads, view(250, 0, 0, "e2"), view(320, 1, 0, "e2")],
      observations,
    }),
  );

describe("P1 of a record", () => {
  it("is held by a load after an epoch change", () => {
    expect(judged(request(210))).toMatchObject({ verdict: "held", exercised: 1, violations: [] });
  });

  it("is open where nothing asked for what was loaded", () => {
    expect(judged()).toMatchObject({ verdict: "unknown", violations: [] });
    expect(judged(request(210, { nodes: ["n1"] }))).toMatchObject({ verdict: "unknown", violations: [] });
  });

  it("does not hold a run under faults whose requests are missing", async () => {
    const right = await recorded("redis-gone");
    const without = { ...right, history: right.history.filter(({ kind }) => kind !== "request") };
    expect([right, without].map((trial) => judgedBy("P1", trial).verdict)).toEqual(["held", "unknown"]);
  });
});
