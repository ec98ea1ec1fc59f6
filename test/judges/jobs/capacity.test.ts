import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../../src/check/history.ts";
import type { Observation } from "../../../src/check/observed/observation.ts";
import { judgeCapacity } from "../../../src/judges/jobs/capacity.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { call, dump, entry, gone, job, node, read, registered, seenAt, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { offline, register, reserve, Stage, withJobs } from "../../simulate/judges/stage.ts";

const placed = [entry(1, registered()), entry(2, job("reserved", "a", 1))];
const filled = [...placed, entry(3, job("reserved", "b", 2))];
const full = call({ op: "reserve_job", node: "n1", job: "z", from: 1, to: 2, reply: "full" });

const judged = (observations: readonly Observation[], ...history: readonly HistoryEvent[]) =>
  judgeRecorded(judgeCapacity, trialOf({ history, observations }));
const first = ({ violations }: ReturnType<typeof judged>) => violations[0]?.[0];

/** Both places are taken. */
function begun(jobs: readonly string[] = ["a", "b"]): Stage {
  const stage = new Stage(inSimulation(judgeCapacity));
  stage.run(1, register());
  for (const each of jobs) stage.run(2, reserve(each));
  return stage;
}

describe("J2", () => {
  it("holds where a full node refuses, and is exercised by that alone", () => {
    const stage = begun();
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
    stage.run(4, reserve("c"));
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
    const looked = dump(3, [[node(3, { current_jobs: 2 }), ["a", "b"]]]);
    expect(judged([...filled, looked], full)).toMatchObject({ verdict: "held", exercised: 1 });
    expect(judged(filled).verdict).toBe("not_exercised");
  });

  it("is exercised once by a refusal that is seen at the store and at the client", () => {
    const stage = begun();
    stage.run(4, reserve("c"));
    stage.returned({ op: "reserve_job", job: "c", from: 3, to: 5, reply: "full", version: stage.version() });
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("is violated where a reserve takes a node past its capacity", () => {
    const stage = begun(["a"]);
    stage.run(3, reserve("b"), { wrong: withJobs("n", ["a", "b", "c"]) });
    expect(first(stage.finish())).toBe("job b took node n to 3 jobs, allowed max_jobs 2");
    expect(first(judged([...filled, entry(4, job("reserved", "c", 3))], full))).toBe(
      "job c took node n1 to 3 jobs, allowed max_jobs 2",
    );
  });

  it("is violated where a look finds more jobs than places", () => {
    const found = dump(3, [[node(3, { current_jobs: 3 }), ["a", "b", "c"]]]);
    expect(first(judged([found], full))).toBe("node n1 holds 3 jobs, allowed max_jobs 2");
  });

  it("is violated by an answer that shows more jobs than places", () => {
    const answer = { found: true, source: "l1", stale: false, age_ms: 1, mode: "normal" };
    const shown = read(1, 2, { read: { ...answer, node: node(9, { current_jobs: 3 }) } });
    expect(first(judged(placed, shown))).toContain("current_jobs 3, allowed max_jobs 2 at most");
  });

  it("is violated, and not exercised, where a node with room answers that it is full", () => {
    const stage = begun([]);
    stage.run(2, reserve("a"), { wrong: { reply: { kind: "full", version: { epoch: 1, sequence: 1 } } } });
    expect(stage.finish()).toMatchObject({ verdict: "violated", exercised: 0 });
  });

  it.each([
    ["has a place there itself", (stage: Stage) => void stage, "a"],
    ["asked for one on a node that is offline", (stage: Stage) => void stage.run(3, offline(stage)), "z"],
  ])("is violated where a job is refused as by a full node that %s", (_, happen, asked) => {
    const stage = begun();
    happen(stage);
    const { epoch, sequence } = stage.state().meta ?? { epoch: 0, sequence: 0 };
    stage.run(4, reserve(asked), { wrong: { reply: { kind: "full", version: { epoch, sequence } } } });
    expect(first(stage.finish())).toMatch(/was refused by node n as full/);
  });

  it("is violated by a refusal of a node that certainly had room, with a version or without", () => {
    const observations = [...placed, seenAt(300, dump(2, [[node(2, { current_jobs: 1 }), ["a"]]]))];
    const refused = { ...full, from: 260, to: 261 };
    for (const one of [refused, { ...refused, version: { epoch: "e1", sequence: 2 } }]) {
      expect(first(judged(observations, one))).toBe(
        "job z was refused by node n1 as full, which was online and held 1 jobs of 2, allowed only where others have all places",
      );
    }
  });

  describe("of a recorded run, by what a dispatch was answered within", () => {
    const version = { epoch: "e1", sequence: 3 };
    const inner = { kind: "node_full", instance: 0, node: "n1", job: "z", from: 4, to: 5, version } as const;
    const dispatched = call({ op: "dispatch", job: "z", from: 3, to: 9, reply: "no_node" });

    it("is exercised where a full node refuses", () => {
      expect(judged(filled, dispatched).verdict).toBe("not_exercised");
      expect(judged(filled, dispatched, inner)).toMatchObject({ verdict: "held", exercised: 1 });
    });

    it("is exercised once by what the client is answered too", () => {
      const reserved = { ...full, version, from: 4, to: 5 };
      expect(judged(filled, reserved, inner)).toMatchObject({ verdict: "held", exercised: 1 });
    });

    it.each([
      ["had room", { ...inner, version: { epoch: "e1", sequence: 2 } }],
      ["held the job itself", { ...inner, job: "a" }],
    ])("is violated, and not exercised, where a node refuses that %s", (_, refusal) => {
      const one = judged(filled, dispatched, refusal);
      expect(one).toMatchObject({ verdict: "violated", exercised: 0 });
      expect(first(one)).toMatch(/^job . was refused by node n1 as full, which was online and held . jobs of 2/);
    });

    it("claims nothing of what the observer did not see", () => {
      for (const one of [
        { ...inner, version: { epoch: "e9", sequence: 3 } },
        { ...inner, node: "n2" },
      ])
        expect(judged(filled, dispatched, one).verdict).toBe("not_exercised");
    });
  });

  it("goes by the epoch in which a refusal without a version was made", () => {
    const later = [entry(1, registered("n1", "e2:1"), "e2"), entry(2, job("reserved", "a", 1), "e2")];
    const since = later.map((one) => seenAt(500 + one.sequence, one));
    expect(judged([...filled, ...since], { ...full, from: 400, to: 401 })).toMatchObject({ verdict: "held" });
    expect(judged([...filled, ...since], { ...full, from: 800, to: 801 }).verdict).toBe("violated");
  });

  it("counts no refusal that was compared with nothing", () => {
    const elsewhere = { ...full, version: { epoch: "e9", sequence: 3 } };
    for (const one of [elsewhere, { ...full, node: "n2" }]) expect(judged(filled, one).verdict).toBe("not_exercised");
    const removed = [...filled, entry(4, gone("removed"))];
    expect(judged(removed, { ...full, from: 3, to: 400 }).verdict).toBe("not_exercised");
  });
});
