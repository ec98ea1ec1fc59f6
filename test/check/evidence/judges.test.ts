/** No judge of real runs says `held` without evidence: for each a right history that it holds, and the same one spoilt in each way. */
import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../../src/check/history.ts";
import type { Judgement, Trial } from "../../../src/check/judgement.ts";
import { type PropertyId, propertyIds } from "../../../src/check/properties.ts";
import { decidedProperties, judge, judgeOf } from "../../../src/judges/recorded/judges.ts";
import { lies, withoutVersions } from "./lies.ts";
import { recorded } from "./recorded.ts";
import {
  changed,
  everyOther,
  firstHalf,
  halfOfTheCalls,
  hardlyInForce,
  nothing,
  type Spoil,
  secondHalf,
  unobserved,
  withoutForce,
  withoutPartition,
} from "./spoilt.ts";

/** A scenario in which its premise is met; `redis-gone` where it is absent. */
const scenarioOf: Partial<Readonly<Record<PropertyId, string>>> = {
  J3: "reply-lost",
  J5: "long-jobs",
  V4: "node-churn",
  N1: "node-churn",
  N2: "node-churn",
  N3: "node-churn",
  S2: "node-churn",
  P1: "node-churn",
  N4: "redis-gone-long",
  C1: "avalanche",
  S3: "avalanche",
};

/** One of the two instances was not watched at the server. */
const halfOfTheCommands: Spoil = (trial) =>
  changed(trial, (event) => (event.kind === "commands" && event.instance === 0 ? [] : [event]));

/** Events that only a run on a real Redis has. */
const watched: readonly HistoryEvent[] = [
  { kind: "lock_search", files: 3, functions: 2, found: [] },
  ...[0, 1].map(
    (instance) => ({ kind: "commands", instance, command: "evalsha", count: 9_999, declared: true }) as const,
  ),
];

/** Only instances that the harness hosts tell of their callbacks. */
const hosted: readonly HistoryEvent[] = [0, 1].map(
  (instance) => ({ kind: "hosted", at: -1, instance, life: 1, reports: true }) as const,
);

async function rightFor(property: PropertyId): Promise<Trial> {
  const trial = await recorded(scenarioOf[property] ?? "redis-gone");
  return { ...trial, history: [...trial.history, ...watched, ...(property === "O1" ? hosted : [])] };
}

/** Judged by the clock, and by what was sent: the store's lines are not what they look at. */
const byOthers: ReadonlySet<PropertyId> = new Set<PropertyId>(["D1", "D2", "D3", "S1", "S3", "K3", "K4", "B2"]);

const verdictOf = async (property: PropertyId, spoil: Spoil): Promise<string> =>
  judge(property, spoil(await rightFor(property))).verdict;

describe.each(decidedProperties)("the judge of %s", (property) => {
  it("holds a right history", async () => {
    expect(judge(property, await rightFor(property))).toMatchObject({ property, verdict: "held" });
  });

  it("is not exercised by an empty one", async () => {
    expect(await verdictOf(property, nothing)).toBe("not_exercised");
  });

  it("does not hold one of which half is missing", async () => {
    const halves: readonly Spoil[] = byOthers.has(property)
      ? [halfOfTheCalls, ...(property === "K4" ? [halfOfTheCommands] : [])]
      : [everyOther, firstHalf, secondHalf, halfOfTheCalls];
    for (const spoil of halves)
      expect(["unknown", "violated", "not_exercised"]).toContain(await verdictOf(property, spoil));
  });

  it("does not hold one whose faults were not in force, or for 2 % of their time", async () => {
    for (const spoil of [withoutForce, hardlyInForce])
      expect(["unknown", "violated", "not_exercised"]).toContain(await verdictOf(property, spoil));
  });
});

describe.each(decidedProperties.filter((property) => !byOthers.has(property)))("the judge of %s", (property) => {
  it.each([
    ["what came after the observer's last look", firstHalf],
    ["a partition that was never looked at", withoutPartition],
  ])("leaves open, and accuses no instance of, %s", async (_, spoil) => {
    const judged = judge(property, spoil(await rightFor(property)));
    expect(["unknown", "not_exercised"]).toContain(judged.verdict);
    if (judged.verdict === "unknown") {
      expect(judged.reason).toMatch(/^\d+ of \d+ \(\d+\.\d %\)/u);
      expect(judged.measures.map(({ name }) => name)).toContain("unseen_percent");
    }
  });

  it("is not exercised by a history without an observer, nor says that it is violated", async () => {
    expect(await verdictOf(property, unobserved)).toBe("not_exercised");
  });
});

const reported = decidedProperties.flatMap((property) =>
  Object.entries(lies[property] ?? {}).map(([name, lie]) => [property, name, lie] as const),
);

describe("a system that lies", () => {
  it("is tried for every property", () => {
    expect(decidedProperties.filter((property) => lies[property] === undefined)).toEqual([]);
  });

  it.each(reported)("is not held by the judge of %s: %s", async (property, _, lie) => {
    expect(["violated", "not_exercised"]).toContain(await verdictOf(property, lie));
  });
});

describe("a burst of expiries", () => {
  it("is seen as one", async () => {
    const { violations } = judge("C1", lies.C1?.["all nodes expire at once"]?.(await rightFor("C1")) as Trial);
    expect(violations[0]?.[0]).toMatch(/times the mean/);
  });
});

describe.each(propertyIds.filter((id) => !decidedProperties.includes(id)))(
  "%s, of which a record shows too little,",
  (property) => {
    it("is not exercised by a right one, and says why", async () => {
      const judged = judge(property, await rightFor(property));
      expect(judged).toMatchObject({
        verdict: "not_exercised",
        exercised: 0,
        reason: expect.any(String),
      });
    });
  },
);

describe("a system without versions in its replies", () => {
  it.each(["redis-gone", "reply-lost", "node-churn", "delivered-twice"])("is not accused in %s", async (name) => {
    const trial = withoutVersions(await recorded(name));
    const judgements = (["D4", "L1", "N1", "V1", "J3", "J4"] as const).map((property) => judge(property, trial));
    expect(judgements.flatMap(({ violations }) => violations)).toEqual([]);
    expect(judgements.filter(({ verdict }) => verdict === "unknown")).toEqual([]);
  });
});

describe("the registry of judges", () => {
  const undecided = async (chosen: typeof judgeOf): Promise<readonly PropertyId[]> => {
    const trial = await recorded("hole-in-the-feed");
    const judgements = decidedProperties.map((property) => judge(property, trial, chosen));
    const isUndecided = ({ reason, verdict }: Judgement): boolean =>
      verdict === "not_exercised" && reason === "no judge of histories decides it";
    return judgements.filter(isUndecided).map(({ property }) => property);
  };

  it("has a judge for each property", async () => {
    expect(await undecided(judgeOf)).toEqual([]);
  });

  it.each(decidedProperties)("leaves exactly %s not exercised when its judge is taken out", async (property) => {
    const others = (id: PropertyId) => (id === property ? undefined : judgeOf(id));
    expect(await undecided(others)).toEqual([property]);
  });
});
