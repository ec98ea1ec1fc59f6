import { describe, expect, it } from "vitest";
import { judgeJobCounts } from "../../../src/judges/jobs/counts.ts";
import { judgeJobOnce } from "../../../src/simulate/judges/job-once.ts";
import { inSimulation } from "./in-simulation.ts";
import { complete, register, release, reserve, Stage, withJobs } from "./stage.ts";

describe("J1", () => {
  it("looks at a node also where a step of it made no change", () => {
    const stage = new Stage(inSimulation(judgeJobCounts));
    stage.run(1, register());
    stage.run(2, reserve("a"));
    stage.run(3, reserve("a"), { wrong: withJobs("n", ["a"], 2) });
    expect(stage.finish().violations[0]?.[0]).toBe("node n has current_jobs 2 with 1 reservations, allowed only equal");
  });
});

describe("J3", () => {
  function begun(): Stage {
    const stage = new Stage(judgeJobOnce);
    stage.run(0, register());
    stage.run(0, register("m"));
    return stage;
  }

  it("holds where a reserve whose reply was lost is made again, also where it arrives only after it was given up", () => {
    const stage = begun();
    stage.settle(9, stage.ask(1, reserve("a")), "deadline");
    stage.settle(12, stage.ask(10, reserve("a")));
    const late = stage.send(20, release("a"));
    stage.settle(49, late, "disconnected");
    stage.run(60, release("a"), { request: late });
    stage.settle(72, stage.ask(70, release("a")));
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 2 });
  });

  it("is not exercised where every reply came", () => {
    const stage = begun();
    for (const asked of [reserve("a"), reserve("a"), complete("a"), complete("a")]) {
      stage.settle(3, stage.ask(2, asked));
    }
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
  });

  it.each([
    [
      "reserved while it holds a place",
      [reserve("a"), reserve("a")],
      /was reserved on node n while it was reserved already/,
    ],
    [
      "reserved after it had been completed",
      [reserve("a"), complete("a"), reserve("a")],
      /after it had been completed/,
    ],
    [
      "completed twice",
      [reserve("a"), complete("a"), complete("a")],
      /was completed on node n while it was not reserved/,
    ],
  ] as const)("is violated where a job is %s", (_, asked, story) => {
    const stage = begun();
    const [last, ...before] = [...asked].reverse();
    for (const each of before.reverse()) stage.run(1, each);
    const event = stage.run(2, { kind: "changes_since", since: { epoch: 1, sequence: 0 }, limit: 0 });
    if (last === undefined || !("job" in last)) throw new Error("no last one");
    const kind = last.kind === "reserve_job" ? "reserved" : "completed";
    const { meta } = event.after;
    if (meta === null) throw new Error("no meta");
    const after = { ...event.after, meta: { ...meta, sequence: meta.sequence + 1 } };
    const change = { kind, node: "n", job: last.job, currentJobs: 1, leaseUntil: 0 } as const;
    stage.hear({ ...event, before: event.after, after, changes: [change] });
    expect(stage.finish().violations[0]?.[0]).toMatch(story);
  });

  it("is violated where another node is tried before it is known what became of the first", () => {
    const stage = begun();
    stage.settle(31, stage.ask(1, reserve("a")), "deadline");
    stage.ask(32, reserve("a", "m"));
    expect(stage.finish().violations[0]?.[0]).toBe(
      "job a was asked a place for on node m while it may have one on node n, allowed only once that is settled",
    );
  });

  it.each([
    ["it was answered after all", (stage: Stage) => stage.settle(33, stage.ask(32, reserve("a")))],
    ["the place has been given up", (stage: Stage) => stage.run(33, release("a"))],
    ["the node has registered anew", (stage: Stage) => stage.run(33, register("n", "r2"))],
    ["the instance has a new life", (stage: Stage) => stage.instance(33, "crashed")],
  ])("holds where another node is tried when %s", (_, settle) => {
    const stage = begun();
    stage.settle(31, stage.ask(1, reserve("a")), "deadline");
    settle(stage);
    stage.ask(34, reserve("a", "m"));
    expect(stage.finish().violations).toEqual([]);
  });
});
