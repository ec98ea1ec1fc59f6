import { describe, expect, it } from "vitest";
import { judgeJobOnce } from "../../../src/check/job-once.ts";
import { judgeJobCounts } from "../../../src/judges/jobs/counts.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { call, dump, entry, job, node, read, registered, trialOf } from "../trials.ts";

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

  it("is not exercised where nobody has a job", () => {
    expect(judgeRecorded(judgeJobCounts, trialOf({ observations: [entry(1, registered())] })).verdict).toBe(
      "not_exercised",
    );
  });
});

describe("J3", () => {
  const lost = {
    kind: "lost_reply",
    at: 3,
    instance: 0,
    script: "reserve_job",
    node: "n1",
    job: "a",
    reply: "reserved",
  } as const;
  const retried = call({ op: "reserve_job", node: "n1", job: "a", from: 5, to: 6, reply: "already" });

  it("holds when the repetition changed nothing", () => {
    const observations = [...placed, entry(3, job("completed", "a", 0))];
    const judged = judgeJobOnce(trialOf({ history: [lost, retried], observations }));
    expect(judged).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("counts a repetition by dispatch, and one by the scheduler itself", () => {
    const dispatched = call({ op: "dispatch", node: "n1", job: "a", from: 5, to: 6, reply: "already" });
    const facts = { job: "a", node: "n1", outcome: "already" };
    const resolved = { kind: "note", at: 4, instance: 0, what: "ambiguity_resolved", facts } as const;
    for (const again of [dispatched, resolved]) {
      expect(judgeJobOnce(trialOf({ history: [lost, again], observations: placed })).exercised).toBe(1);
    }
  });

  it("counts a call that timed out, once its repetition shows that it had run", () => {
    const timedOut = call({
      op: "reserve_job",
      node: "n1",
      job: "a",
      from: 1,
      to: 4,
      outcome: "info",
      reply: "deadline",
    });
    expect(judgeJobOnce(trialOf({ history: [timedOut, retried], observations: placed })).exercised).toBe(1);
    const first = { ...retried, reply: "reserved" };
    expect(judgeJobOnce(trialOf({ history: [timedOut, first], observations: placed })).exercised).toBe(0);
  });

  it.each([
    ["reserved while it was reserved already", [...placed, entry(3, job("reserved", "a", 1))]],
    ["completed while it was not reserved", [...placed, entry(3, job("completed", "b", 1))]],
    ["completed twice", [...placed, entry(3, job("completed", "a", 0)), entry(4, job("completed", "a", 0))]],
    [
      "reserved after it had been completed",
      [...placed, entry(3, job("completed", "a", 0)), entry(4, job("reserved", "a", 1))],
    ],
  ])("is violated by a job that was %s", (_what, observations) => {
    expect(judgeJobOnce(trialOf({ history: [lost, retried], observations })).verdict).toBe("violated");
  });

  it("lets a released job, and one of a lost past, be reserved again", () => {
    const released = [...placed, entry(3, job("released", "a", 0)), entry(4, job("reserved", "a", 1))];
    const newEpoch = [entry(1, registered(), "e2"), entry(2, job("reserved", "a", 1), "e2")];
    for (const observations of [released, [...placed, ...newEpoch]]) {
      expect(judgeJobOnce(trialOf({ history: [lost, retried], observations })).verdict).toBe("held");
    }
  });

  it("is not exercised by a repetition of what the store never had, and violated by what is said to be one", () => {
    const never = { ...lost, job: "q" };
    const again = { ...retried, job: "q" };
    expect(judgeJobOnce(trialOf({ history: [never, again], observations: placed })).verdict).toBe("not_exercised");
    const versioned = { ...again, version: { epoch: "e1", sequence: 2 } };
    expect(judgeJobOnce(trialOf({ history: [lost, versioned], observations: placed })).violations[0]?.[0]).toBe(
      "job q was said to have its place on node n1 already, where it had none, allowed only for a repetition",
    );
    const right = { ...retried, version: { epoch: "e1", sequence: 2 } };
    expect(judgeJobOnce(trialOf({ history: [lost, right], observations: placed })).verdict).toBe("held");
  });

  it("is not exercised where no reply was lost", () => {
    expect(judgeJobOnce(trialOf({ observations: placed })).verdict).toBe("not_exercised");
  });
});
