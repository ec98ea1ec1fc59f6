/** The part of J5 that is about the jobs that the answer to a heartbeat names as without a place, in both worlds. */
import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/check/history.ts";
import { judgeLeases } from "../../../src/judges/jobs/leases.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { call, entry, job, registered, seenAt, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { register, release, reserve, Stage } from "../../simulate/judges/stage.ts";

/** Job a has a place, b had one until sequence 4, and c never had one. */
const observations = [
  entry(1, registered()),
  seenAt(10, entry(2, job("reserved", "a", 1))),
  seenAt(20, entry(3, job("reserved", "b", 2))),
  seenAt(30, entry(4, job("released", "b", 1))),
];

function renewed(parts: Partial<Call>): Call {
  const reported = { reply: "renewed", version: { epoch: "e1", sequence: 4 }, running: ["c", "a", "b"], seq: 1 };
  return call({ op: "heartbeat", node: "n1", from: 500, to: 502, ...reported, ...parts });
}

const judged = (parts: Partial<Call>) =>
  judgeRecorded(judgeLeases, trialOf({ history: [renewed(parts)], observations }));
const compared = (parts: Partial<Call>) =>
  judged(parts).measures.find(({ name }) => name === "jobs_answered_as_unknown")?.value;

describe("J5 of the jobs without a place, in a recorded run", () => {
  it("counts those that the answer names", () => {
    expect(judged({ unknown: ["c", "b"] }).violations).toEqual([]);
    expect(compared({ unknown: ["c", "b"] })).toBe(2);
    const before = { version: { epoch: "e1", sequence: 3 }, unknown: ["c"] };
    expect(judged(before).violations).toEqual([]);
    expect(compared(before)).toBe(1);
  });

  it.each([
    ["is left out", ["c"], "does not name job b among those without a place, which had none at e1:4"],
    ["is named that has one", ["c", "b", "a"], "names job a among those without a place, which had one at e1:4"],
    [
      "is named that the heartbeat did not name",
      ["c", "b", "d"],
      "which the heartbeat did not name, allowed are exactly those without one",
    ],
  ])("is violated where a job %s", (_, unknown, story) => {
    expect(judged({ unknown }).violations.flat()[0]).toContain(story);
  });

  it.each([
    ["says nothing of it", { unknown: undefined }],
    ["was not of the heartbeat as it was taken", { reply: "already", unknown: [] }],
    ["is of an epoch that was not observed", { unknown: [], version: { epoch: "e2", sequence: 4 } }],
    ["has no version", { unknown: [], version: undefined }],
  ])("claims nothing of an answer that %s", (_, parts) => {
    expect(judged(parts).violations).toEqual([]);
    expect(compared(parts)).toBe(0);
  });
});

describe("J5 of the jobs of an earlier part, in a recorded run", () => {
  /** Job b, of the first part, lost its place at sequence 4, and the answer leaves it out. */
  const left = (lostAt: number) => {
    const running = ["b", ...Array.from({ length: 499 }, (_, index) => `c${index}`), "a"];
    const lost = [...observations.slice(0, 3), seenAt(lostAt, entry(4, job("released", "b", 1)))];
    const history = [renewed({ running, unknown: running.slice(1, -1) })];
    return judgeRecorded(judgeLeases, trialOf({ history, observations: lost })).violations.flat()[0];
  };

  it("is violated where it had been lost long before the call", () => {
    expect(left(30)).toContain("does not name job b");
  });

  it("claims nothing where it was lost during the call, or was seen to be so just before it", () => {
    for (const lostAt of [501, 500, 499.9]) expect(left(lostAt)).toBeUndefined();
  });
});

describe("J5 of the jobs without a place, in simulation", () => {
  /** A heartbeat of so many jobs, of which the last has a place; the first lost its own at `at`, and the answer leaves it out. */
  function chunks(at: number) {
    const stage = new Stage(inSimulation(judgeLeases));
    stage.run(0, register());
    stage.run(1, reserve("a"));
    stage.run(2, reserve("b"));
    if (at < 10) stage.run(at, release("a"));
    const running = ["a", ...Array.from({ length: 499 }, (_, index) => `c${index}`), "b"];
    if (at >= 10) stage.run(at, release("a"));
    const unknown = running.slice(1, -1);
    const answer = { reply: "renewed", version: stage.version(), running, unknown, seq: 1 } as const;
    stage.returned({ op: "heartbeat", node: "n", from: 10, to: 12, ...answer });
    return stage.finish().violations;
  }

  it("is violated where a job of an earlier part is left out", () => {
    expect(chunks(3).flat()[0]).toContain("does not name job a");
  });

  it("claims nothing of a job of an earlier part that lost its place during the call", () => {
    expect(chunks(11)).toEqual([]);
  });
});
