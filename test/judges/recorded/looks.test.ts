/** The observer shares a processor with the load: on a busy machine it may see a change long after it was made. */
import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../../src/check/history.ts";
import { Coverage } from "../../../src/check/observed/coverage.ts";
import { Looks } from "../../../src/check/observed/looks.ts";
import type { Observation } from "../../../src/check/observed/observation.ts";
import type { PropertyId } from "../../../src/check/properties.ts";
import { call, entry, gone, judgedBy, read, registered, seenAt, trialOf, view } from "../../check/trials.ts";

/** Looks at partition 0 that took 10 ms each. */
function looks(...times: readonly number[]): readonly HistoryEvent[] {
  return times.map((at) => ({ kind: "observer_read", at, took: 10, partition: 0 }) as const);
}

const every20 = Array.from({ length: 75 }, (_, index) => 20 * (index + 1));

describe("when a change may have been made", () => {
  it("is 250 ms before it was seen, where the observer looked often or its looks were not noted", () => {
    const seen = seenAt(1_000, entry(1, registered()));
    expect(new Looks([]).sinceOf(seen)).toBe(750);
    expect(new Looks(looks(...every20)).sinceOf(seen)).toBe(750);
  });

  it("is since the last look but one before, where that was earlier: two servers may have been looked at in turn", () => {
    const seen = seenAt(1_500, entry(1, registered()));
    expect(new Looks(looks(100, 120, 1_505)).sinceOf(seen)).toBe(90);
    expect(new Looks(looks(100, 1_505)).sinceOf(seen)).toBe(90);
    expect(new Looks(looks(1_505)).sinceOf(seen)).toBe(Number.NEGATIVE_INFINITY);
    const elsewhere = looks(1_000, 1_020, 1_040).map((look) => ({ ...look, partition: 1 }) as HistoryEvent);
    expect(new Looks([...looks(100, 120), ...elsewhere, ...looks(1_505)]).sinceOf(seen)).toBe(90);
  });

  it("is that of the look which the observation belongs to", () => {
    expect(new Looks(looks(100, 120, 140)).startOf(seenAt(115, entry(1, registered())))).toBe(110);
    expect(new Looks(looks(100, 140)).startOf(seenAt(115, entry(1, registered())))).toBeUndefined();
  });
});

const left = [entry(2, gone("expired")), entry(3, gone("removed"))].map((one) => seenAt(1_500, one));
const last = seenAt(3_000, entry(4, registered("n2", "e1:4")));
const missing = read(700, 701, {
  node: "n1",
  reply: "missing",
  read: { found: false, source: "redis", stale: false, age_ms: 0, mode: "normal", node: null },
});
const marked = { found: false, source: "redis", stale: false, age_ms: 0, mode: "normal", node: null } as const;
const before = read(1, 2, { node: "n1", reply: "missing", read: marked });

interface Claim {
  readonly property: PropertyId;
  readonly history: readonly HistoryEvent[];
}

const asked = { pool: "p", source: "en", target: "de", services: [], count: 4 };
const claims: readonly Claim[] = [
  { property: "S2", history: [view(20, 1), missing] },
  {
    property: "S2",
    history: [call({ op: "select_nodes", from: 700, to: 700, reply: "normal", asked, selected: [] })],
  },
  { property: "N3", history: [before, view(20, 1), missing] },
  { property: "L1", history: [missing] },
];

describe.each(claims)("$property of a node that has gone", ({ history, property }) => {
  const judged = (noted: readonly HistoryEvent[], observations: readonly Observation[]) =>
    judgedBy(property, trialOf({ history: [...noted, ...history], observations }));
  const came = seenAt(10, entry(1, registered()));

  it("is not violated where the observer saw late that it had gone", () => {
    expect(judged(looks(100, 120, 1_505, 3_005), [came, ...left, last]).violations).toEqual([]);
  });

  it("is violated where the observer saw in time that it was there", () => {
    expect(judged(looks(...every20, 1_505, 3_005), [came, ...left, last]).verdict).toBe("violated");
  });
});

describe("the standing of a version beyond the last that was seen", () => {
  it("is open from the beginning of the last look on", () => {
    const seen = new Coverage(trialOf({ history: looks(1_505), observations: left }));
    const next = { epoch: "e1", sequence: 4 };
    expect(seen.standing(next, 1_400, 1_495)).toBe("never");
    expect(seen.standing(next, 1_400, 1_496)).toBe("unseen");
  });
});
