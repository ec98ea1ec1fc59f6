/** V2 of how many jobs a node has finished, by which a late reserve of a job that it has forgotten is refused. */
import { describe, expect, it } from "vitest";
import type { NodeContent } from "../../../src/check/history.ts";
import type { Judgement } from "../../../src/check/judgement.ts";
import type { Observation } from "../../../src/check/observed/observation.ts";
import { judgeCacheTruth } from "../../../src/judges/answers/cache-truth.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { counted, entry, job, node, read, registered, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { complete, register, reserve, Stage } from "../../simulate/judges/stage.ts";

function judged(content: NodeContent, observations: readonly Observation[]): Judgement {
  const answer = { found: true, source: "l1", stale: false, age_ms: 1, mode: "normal", node: content };
  return judgeRecorded(judgeCacheTruth, trialOf({ history: [read(1, 4, { read: answer })], observations }));
}

describe("V2 of how many jobs a node has finished", () => {
  it.each([
    [2, { current_jobs: 1, finished: 4 }, null],
    [3, { finished: 5 }, null],
    [3, {}, null],
    [2, { current_jobs: 1, finished: 5 }, "finished 5 instead of 4"],
    [3, { finished: 4 }, "finished 4 instead of 5"],
    [3, { finished: -1 }, "finished -1, allowed an integer from 0 on"],
  ])("compares how many jobs a node has finished, where both say it: version %d, %o", (sequence, parts, wrong) => {
    const [begun, ended] = [counted(4, registered()), counted(5, job("completed", "a", 0))];
    const observations = [entry(1, begun), entry(2, job("reserved", "a", 1)), entry(3, ended)];
    const { violations } = judged(node(sequence, parts), observations);
    expect(violations).toEqual(wrong === null ? [] : [[expect.anything(), expect.stringContaining(wrong)]]);
  });

  it("says nothing of finished jobs that the feed does not count", () => {
    const feed = [entry(1, registered()), entry(2, job("reserved", "a", 1)), entry(3, job("completed", "a", 0))];
    expect(judged(node(3, { finished: 77 }), feed).violations).toEqual([]);
  });

  it.each([
    [1, "held"],
    [0, "violated"],
    [7, "violated"],
  ])("compares them in simulation: %d of one is %s", (finished, verdict) => {
    const stage = new Stage(inSimulation(judgeCacheTruth));
    stage.run(1, register());
    stage.run(2, reserve("a"));
    stage.run(3, complete("a"));
    stage.view(4, stage.version());
    stage.read(5, { ...stage.content(), finished });
    expect(stage.finish().verdict).toBe(verdict);
  });
});
