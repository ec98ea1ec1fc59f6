import { describe, expect, it } from "vitest";
import { runExplore } from "../../src/explore/run.ts";

describe("the standard scope of the system model", () => {
  it("is explored whole: every property held, every witness reached", async () => {
    const { json, properties } = await runExplore({
      model: "system",
      threads: 2,
      signal: new AbortController().signal,
      now: () => performance.now(),
    });
    const { verdict, unique_states, generated_states, depth } = json;
    expect(properties.filter((each) => each.verdict !== "held")).toEqual([]);
    expect({ verdict, unique_states, generated_states, depth }).toEqual({
      verdict: "held",
      unique_states: 762_409,
      generated_states: 3_059_526,
      depth: 30,
    });
  });
});
