import { describe, expect, it } from "vitest";
import { traceDivergence } from "../../src/lockstep/trace-divergence.ts";

const simulated = ["1 sent 0 1", "2 stepped 1 0 1", "3 returned 0 1 ok"];

describe("a difference in the trace alone", () => {
  it("is none where the two are the same", () => {
    expect(traceDivergence(simulated, [...simulated], 7)).toBeNull();
  });

  it("is named for what it is, with what came before", () => {
    expect(traceDivergence(simulated, simulated.with(2, "3 returned 0 1 failed"), 7)).toEqual({
      where: "trace",
      story: [
        "event 3 of the run is another with real servers: found 3 returned 0 1 failed, allowed 3 returned 0 1 ok",
        "  replies and keys agreed in all 7 commands: the two stores are alike, and the scheduler received something else of them",
        "  1 sent 0 1",
        "  2 stepped 1 0 1",
      ],
    });
  });

  it("is found where one of them goes on", () => {
    expect(traceDivergence(simulated, simulated.slice(0, 2), 7)?.story[0]).toMatch(
      /^event 3 .*found nothing, allowed 3 ret/,
    );
    expect(traceDivergence(simulated.slice(0, 2), simulated, 7)?.story[0]).toMatch(/^event 3 .*allowed nothing$/);
  });
});
