import { describe, expect, it } from "vitest";
import { judgeJobCounts } from "../../../src/judges/jobs/counts.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { dump, entry, job, node, read, registered, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { register, reserve, Stage, withJobs } from "../../simulate/judges/stage.ts";

const placed = [entry(1, registered()), entry(2, job("reserved", "a", 1))];

describe("J1", () => {
  it("holds when counts and reservations agree, in dumps and in the feed", () => {
    const observations = [
      ...placed,
      dump(2, [[node(2, { current_jobs: 1 }), ["a"]]]),
      entry(3, job("completed", "a", 0)),
    ];
    expect(judgeRecorded(judgeJobCounts, trialOf({ observations }))).toMatchObject({ verdict: "held", exercised: 2 });
  });

  it.each([
    ["a dump with more jobs than the count", [...placed, dump(2, [[node(2), ["a"]]])]],
    ["a dump with a negative count", [...placed, dump(2, [[node(2, { current_jobs: -1 }), []]])]],
    ["a feed that counts a job twice", [...placed, entry(3, job("reserved", "b", 3))]],
    ["a feed that never takes a job off", [...placed, entry(3, job("completed", "a", 1))]],
  ])("is violated by %s", (_what, observations) => {
    expect(judgeRecorded(judgeJobCounts, trialOf({ observations })).verdict).toBe("violated");
  });

  it("counts from nothing after a new registration", () => {
    const observations = [...placed, entry(3, registered("n1", "e1:3")), entry(4, job("reserved", "b", 1))];
    expect(judgeRecorded(judgeJobCounts, trialOf({ observations })).verdict).toBe("held");
  });

  it("is violated by an answer that shows no count of jobs, whatever the store held", () => {
    for (const current_jobs of [-5, 0.5]) {
      const content = node(9, { current_jobs, version: { epoch: "e9", sequence: 1 } });
      const answer = { found: true, source: "l1", stale: false, age_ms: 1, mode: "normal", node: content };
      const judged = judgeRecorded(
        judgeJobCounts,
        trialOf({ history: [read(1, 2, { read: answer })], observations: placed }),
      );
      expect(judged.violations[0]?.[0]).toContain(`showed node n1 with current_jobs ${current_jobs}`);
    }
  });

  it("counts only changes of which it is known what the node held", () => {
    expect(judgeRecorded(judgeJobCounts, trialOf({ observations: [entry(2, job("reserved", "a", 1))] }))).toMatchObject(
      {
        verdict: "not_exercised",
        exercised: 0,
      },
    );
  });

  it("is not exercised where no node has a job", () => {
    expect(judgeRecorded(judgeJobCounts, trialOf({ observations: [entry(1, registered())] })).verdict).toBe(
      "not_exercised",
    );
  });

  it("looks at a node also where a step of it made no change", () => {
    const stage = new Stage(inSimulation(judgeJobCounts));
    stage.run(1, register());
    stage.run(2, reserve("a"));
    stage.run(3, reserve("a"), { wrong: withJobs("n", ["a"], 2) });
    expect(stage.finish().violations[0]?.[0]).toBe("node n has current_jobs 2 with 1 reservations, allowed only equal");
  });
});
