import { describe, expect, it } from "vitest";
import { reserve } from "../../simulate/judges/stage.ts";
import { ask, begin, end, fill, found, staged } from "./dispatch-stage.ts";

describe("S5, of an abort", () => {
  it("holds where nothing is asked after it and it returns at once", () => {
    const stage = staged();
    const id = begin(stage, 10);
    stage.send(10, reserve("a", "n", 60_000));
    end(stage, id, 12, { outcome: "info", reply: "aborted", aborted: 12, node: "n" });
    expect(stage.finish()).toMatchObject({
      verdict: "held",
      measures: expect.arrayContaining([{ name: "aborted_dispatches", value: 1 }]),
    });
  });

  it("is violated where it goes on", () => {
    const stage = staged();
    fill(stage, 9);
    const id = begin(stage, 10);
    stage.settle(13, stage.ask(10, reserve("a", "n", 60_000)));
    ask(stage, 14, "m");
    end(stage, id, 15, { reply: "reserved", node: "m", aborted: 12 });
    expect(found(stage)).toEqual([
      "instance 0 asked node m for a place for job a 2 ms after its dispatch had been aborted, allowed none",
      "dispatch of job a on instance 0 returned 3 ms after it had been aborted, allowed at once",
    ]);
  });

  it.each([
    [31, 0],
    [32, 1],
  ])("of an instance that was paused until 31 allows a request at %i: %i violations", (at, violations) => {
    const stage = staged();
    const id = begin(stage, 10);
    const request = stage.ask(10, reserve("a", "n", 60_000));
    stage.instance(11, "paused");
    stage.instance(31, "resumed");
    stage.settle(31, request, "deadline");
    stage.send(at, reserve("a", "n", 60_000));
    end(stage, id, at, { outcome: "info", reply: "aborted", aborted: 25, node: "n" });
    expect(found(stage).filter((text) => text?.includes("asked node"))).toHaveLength(violations);
  });

  it("is violated where anything is asked although it had been aborted before", () => {
    const stage = staged();
    const id = begin(stage, 10);
    ask(stage, 10);
    end(stage, id, 10, { reply: "reserved", node: "n", aborted: 10 });
    expect(found(stage)).toEqual([
      expect.stringContaining("was answered reserved, allowed only its abort: it was aborted before"),
      expect.stringContaining("after its dispatch had been aborted, allowed none"),
    ]);
  });

  it("leaves the place open: the next dispatch of the job asks there first, whatever was answered since", () => {
    const stage = staged();
    const id = begin(stage, 10);
    const request = stage.ask(10, reserve("a", "n", 60_000));
    end(stage, id, 12, { outcome: "info", reply: "aborted", aborted: 12, node: "n" });
    stage.settle(13, request);
    begin(stage, 70);
    stage.send(70, reserve("a", "m", 60_000));
    expect(found(stage)).toEqual([
      expect.stringMatching(/^job a was asked a place for on node m while it may have one on node n/),
    ]);
  });
});
