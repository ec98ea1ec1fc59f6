/** The scope at which the explorer is held against another one; some seconds, so it runs by itself. */
import { describe, expect, it } from "vitest";
import { runExplore } from "../../src/explore/run.ts";

describe("the job store in its main scope", { tags: ["nightly"] }, () => {
  it.each([
    [1, false, 2_485_844, 17_379_413],
    [2, false, 2_485_844, 17_379_413],
    [1, true, 622_323, 4_352_784],
  ])("with %i threads, symmetry %s", async (threads, symmetry, unique_states, generated_states) => {
    const { json, verdict, properties } = await runExplore({
      model: "job-store",
      scope: "N=2,I=1,V=3,J=1,C=2,M=3,D=1,K=1",
      threads,
      symmetry,
      signal: new AbortController().signal,
      now: () => performance.now(),
    });
    expect(json).toMatchObject({ unique_states, generated_states, depth: 26, verdict: "held" });
    expect(verdict).toBe("held");
    expect(properties.map(({ id, verdict, exercised }) => [id, verdict, exercised > 0])).toEqual([
      ["J2", "held", true],
      ["V2", "held", true],
    ]);
  });
});
