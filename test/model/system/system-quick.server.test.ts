/** The scopes of the system model that take some seconds, so they run by themselves. The larger ones: system-scopes.test.ts. */
import { describe, expect, it } from "vitest";
import { runExplore } from "../../../src/explore/run.ts";

describe("the scopes of the system model that are explored here", { tags: ["nightly"] }, () => {
  it.each([
    ["quick", { unique_states: 789_003, generated_states: 3_253_594, depth: 32 }, ["D4", "D4", "D4", "N4", "N4"]],
    [
      "replica",
      { unique_states: 128_513, generated_states: 568_004, depth: 31 },
      ["J2", "D4", "N1", "N1", "D4", "D4", "N4", "N4"],
    ],
    [
      "former",
      { unique_states: 3_532_468, generated_states: 12_450_548, depth: 29 },
      ["J2", "D4", "N1", "N1", "N4", "N4", "V3", "V3", "V4", "N3", "J4"],
    ],
    [
      "outage",
      { unique_states: 2_265_049, generated_states: 10_813_613, depth: 42 },
      ["J2", "D4", "N1", "N1", "D4", "D4", "N4", "V3", "V3", "V4", "N3", "J4"],
    ],
  ] as const)(
    "%s is explored whole: every property held, every witness reached",
    { timeout: 600_000 },
    async (scope, counts, notJudged) => {
      const { json, properties } = await runExplore({
        model: "system",
        scope,
        threads: 2,
        signal: new AbortController().signal,
        now: () => performance.now(),
      });
      const { verdict, unique_states, generated_states, depth, not_judged } = json;
      expect(properties.filter((each) => each.verdict !== "held")).toEqual([]);
      expect({ verdict, unique_states, generated_states, depth }).toEqual({ verdict: "held", ...counts });
      expect(not_judged.map(({ property }) => property)).toEqual(notJudged);
    },
  );
});
