import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../../src/check/history.ts";
import type { Observation } from "../../../src/check/observed/observation.ts";
import { judgeJobCounts } from "../../../src/judges/jobs/counts.ts";
import { judgeLeaks } from "../../../src/judges/jobs/leaks.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { call, dump, entry, gone, job, node, registered, seenAt, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { complete, register, release, reserve, Stage, withJobs } from "../../simulate/judges/stage.ts";

const placed = [entry(1, registered()), entry(2, job("reserved", "a", 1))];
const ended = [...placed, entry(3, job("completed", "a", 0))];
const still = dump(3, [[node(3, { current_jobs: 1 }), ["a"]]]);

const judged = (observations: readonly Observation[], ...history: readonly HistoryEvent[]) =>
  judgeRecorded(judgeLeaks, trialOf({ history, observations }));

const beat = {
  ...{ node: "n", seq: 1, chunk: 0, ttl: 10_000, lease: 100, healthMilli: 500, running: [] },
  metrics: { cpu: 0, gpu: 0, memory: 0, load: 0, latency_ms: 0, error_rate: 0 },
};

function begun(): Stage {
  const stage = new Stage(inSimulation(judgeLeaks));
  stage.run(0, register());
  stage.run(1, reserve("a"));
  return stage;
}

/** The leases of the node are over. */
function sweep(stage: Stage, wrong = {}): void {
  const candidates = ["n"];
  stage.run(999, { kind: "heartbeat", ...beat, incarnation: stage.incarnation() });
  stage.run(
    1_500,
    { kind: "sweep", retention: 1_000, limit: 10, jobLimit: 1_000, offset: 0, gap: 86_400_000, grace: 0, candidates },
    { wrong },
  );
}

describe("J4", () => {
  it.each([
    ["completed", (stage: Stage) => void stage.run(2, complete("a"))],
    ["released", (stage: Stage) => void stage.run(2, release("a"))],
    ["orphaned", (stage: Stage) => void stage.run(2, register("n", "r2"))],
    ["lapsed", (stage: Stage) => sweep(stage)],
  ])("holds where the only job of a node is %s, and the node counts none", (_, end) => {
    const stage = begun();
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
    end(stage);
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("holds where no node is left, and counts no end that was compared with nothing", () => {
    expect(judged([...ended, dump(3, [[node(3), []]])])).toMatchObject({ verdict: "held", exercised: 1 });
    const expired = [...placed, entry(3, gone("expired"))];
    expect(judged(expired).verdict).toBe("not_exercised");
    const seen = dump(3, [[node(3, { status: "expired" }), []]]);
    expect(judged([...expired, seen, seen])).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("is not exercised where no node had jobs and lost them, nor by changes of a node of which nothing is known", () => {
    expect(judged(placed).verdict).toBe("not_exercised");
    expect(judged([entry(7, job("completed", "a", 1))]).verdict).toBe("not_exercised");
  });

  it.each([
    ["completed", (stage: Stage) => void stage.run(2, complete("a"), { wrong: withJobs("n", ["a"]) })],
    ["lapsed, by a step that is about all nodes", (stage: Stage) => sweep(stage, withJobs("n", ["a"]))],
  ])("is violated where a place stays taken after its job has %s, though count and reservations agree", (_, end) => {
    const stage = begun();
    end(stage);
    expect(stage.finish().violations.flat()).toContain(
      "node n holds 1 jobs although all of its jobs have ended or lapsed, allowed 0",
    );
  });

  it("is violated where a place stays taken though its job lapses again and again", () => {
    const lapsed = (sequence: number) => entry(sequence, { kind: "lapsed", node: "n1", jobs: ["a"], current_jobs: 0 });
    const look = dump(4, [[node(4, { current_jobs: 0 }), ["a"]]]);
    expect(judged([...placed, lapsed(3), lapsed(4), look]).verdict).toBe("violated");
  });

  it("is violated where a look finds such a place", () => {
    const observations = [...ended, still];
    expect(judgeRecorded(judgeJobCounts, trialOf({ observations })).verdict).toBe("held");
    expect(judged(observations).violations[0]?.[0]).toBe(
      "node n1 holds 1 jobs although all of its jobs have ended or lapsed, allowed 0",
    );
  });

  it("is violated by a change that still counts one", () => {
    expect(judged([...placed, entry(3, job("completed", "a", 1))]).violations[0]?.[0]).toBe(
      "completed of node n1 leaves current_jobs 1 although all of its jobs have ended or lapsed, allowed 0",
    );
  });

  it("accepts a job that came later, and what another epoch holds", () => {
    const later = [...ended, entry(4, job("reserved", "b", 1)), dump(4, [[node(4, { current_jobs: 1 }), ["b"]]])];
    const elsewhere = [...ended, dump(1, [[node(1, { current_jobs: 1 }), ["a"]]], "e2")];
    for (const observations of [later, elsewhere]) expect(judged(observations).verdict).toBe("held");
  });
});

describe("J4, of a job that a client was answered to have ended", () => {
  const completed = call({ op: "complete_job", node: "n1", job: "a", from: 10, to: 11, reply: "completed" });
  const kept = (at: number) => seenAt(at, dump(2, [[node(2, { current_jobs: 1 }), ["a"]]]));
  const found = (observations: readonly Observation[], answered = completed) =>
    judged(observations, answered).violations.map(([first]) => first);

  it("is violated where it keeps its place", () => {
    const story = "job a still has its place on node n1, though complete_job was answered completed, allowed none";
    expect(found([...placed, kept(20)])).toEqual([story]);
    expect(found([...placed, kept(20)], { ...completed, version: { epoch: "e1", sequence: 2 } })).toEqual([story]);
  });

  it("holds where the place was last seen before the answer, or is of another reservation or epoch", () => {
    expect(found([...placed, kept(10)])).toEqual([]);
    const again = [seenAt(12, entry(3, job("released", "a", 0))), seenAt(13, entry(4, job("reserved", "a", 1)))];
    expect(found([...placed, ...again, seenAt(20, dump(4, [[node(4, { current_jobs: 1 }), ["a"]]]))])).toEqual([]);
    expect(found([...placed, seenAt(20, dump(0, [[node(2, { current_jobs: 1 }), ["a"]]], "e2"))])).toEqual([]);
  });

  it("holds where another server, in an epoch of its own, was the one that answered", () => {
    const stage = begun();
    stage.promote(2, 2, stage.state());
    stage.run(3, complete("b"), { server: 2 });
    stage.run(10, complete("a"));
    stage.returned({ op: "complete_job", job: "a", from: 9, to: 11, reply: "completed", version: stage.version() });
    stage.run(20, complete("b"), { server: 2 });
    expect(stage.finish().violations).toEqual([]);
  });
});
