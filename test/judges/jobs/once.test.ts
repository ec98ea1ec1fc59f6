import { describe, expect, it } from "vitest";
import { judgeJobOnce } from "../../../src/judges/jobs/once.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { call, counted, dump, entry, gone, job, registered, seenAt, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { complete, register, release, reserve, Stage } from "../../simulate/judges/stage.ts";

const placed = [entry(1, registered()), entry(2, job("reserved", "a", 1))];

describe("J3, where requests are observed", () => {
  function begun(): Stage {
    const stage = new Stage(inSimulation(judgeJobOnce));
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

  it.each([
    ["shorter", { doneFor: 6_000 }, "6000 ms among 1000"],
    ["longer", { doneFor: 86_400_000 }, "86400000 ms among 1000"],
    ["among fewer", { doneMax: 10 }, "600000 ms among 10"],
  ])("is violated where a finished job is to be remembered %s than the settings say", (_, figures, asked) => {
    const stage = begun();
    stage.settle(3, stage.ask(2, { ...complete("a"), ...figures } as ReturnType<typeof complete>));
    expect(stage.finish().violations[0]?.[0]).toBe(
      `complete_job asked that job a be remembered for ${asked}, allowed 600000 ms among 1000`,
    );
  });

  it("is not exercised where every reply came", () => {
    const stage = begun();
    for (const asked of [reserve("a"), reserve("a"), complete("a"), complete("a")]) {
      stage.settle(3, stage.ask(2, asked));
    }
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
  });

  describe("of a node that remembers one job", () => {
    const forgetting = (): Stage => {
      const stage = new Stage(inSimulation(judgeJobOnce), { settings: { doneMax: 1 } });
      stage.run(0, register());
      return stage;
    };
    const last = (job: string) => ({ ...complete(job), doneMax: 1 }) as ReturnType<typeof complete>;
    const finish = (stage: Stage, at: number, job: string): void => stage.settle(at + 1, stage.ask(at, last(job)));

    it("is violated where a reserve that was given up comes late, and its job is forgotten", () => {
      const stage = forgetting();
      const late = stage.send(1, reserve("a"));
      stage.settle(9, late, "deadline");
      stage.settle(12, stage.ask(10, reserve("a")));
      finish(stage, 20, "a");
      stage.settle(32, stage.ask(30, reserve("b", "n", 1_000, 1)));
      finish(stage, 40, "b");
      stage.run(60, reserve("a", "n", 1_000, 2), { request: late });
      expect(stage.finish().violations).toMatchObject([
        [
          "job a got a place on node n after it had been completed there, by a reserve from before, allowed is none",
          expect.stringMatching(/asked for by 1 ms, completed at 20 ms/),
        ],
      ]);
    });

    it("holds where it is refused, and where its client asks for another place", () => {
      const stage = forgetting();
      const late = stage.send(1, reserve("a"));
      stage.settle(9, late, "deadline");
      stage.settle(12, stage.ask(10, reserve("a")));
      finish(stage, 20, "a");
      stage.settle(32, stage.ask(30, reserve("b", "n", 1_000, 1)));
      finish(stage, 40, "b");
      stage.run(60, reserve("a"), { request: late });
      stage.settle(72, stage.ask(70, reserve("a", "n", 1_000, 2)));
      const { measures, violations } = stage.finish();
      expect(violations).toEqual([]);
      expect(measures).toContainEqual({ name: "late_reserves_of_finished_jobs", value: 1 });
    });
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
    const change = { kind, node: "n", job: last.job, currentJobs: 1, leaseUntil: 0, finished: 1 } as const;
    stage.hear({ ...event, before: event.after, after, changes: [change] });
    expect(stage.finish().violations[0]?.[0]).toMatch(story);
  });
});

describe("J3, as far as clients can tell", () => {
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
    const judged = judgeRecorded(judgeJobOnce, trialOf({ history: [lost, retried], observations }));
    expect(judged).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("counts a repetition by dispatch, and one by the scheduler itself", () => {
    const dispatched = call({ op: "dispatch", node: "n1", job: "a", from: 5, to: 6, reply: "already" });
    const facts = { job: "a", node: "n1", outcome: "already" };
    const resolved = { kind: "note", at: 4, instance: 0, what: "ambiguity_resolved", facts } as const;
    for (const again of [dispatched, resolved]) {
      expect(judgeRecorded(judgeJobOnce, trialOf({ history: [lost, again], observations: placed })).exercised).toBe(1);
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
    expect(judgeRecorded(judgeJobOnce, trialOf({ history: [timedOut, retried], observations: placed })).exercised).toBe(
      1,
    );
    const first = { ...retried, reply: "reserved" };
    expect(judgeRecorded(judgeJobOnce, trialOf({ history: [timedOut, first], observations: placed })).exercised).toBe(
      0,
    );
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
    expect(judgeRecorded(judgeJobOnce, trialOf({ history: [lost, retried], observations })).verdict).toBe("violated");
  });

  const counting = (begun: number, ended: number, again: number) => [
    ...[dump(0, []), entry(1, counted(begun, registered())), entry(2, job("reserved", "a", 1))],
    entry(3, counted(ended, job("completed", "a", 0))),
    entry(4, counted(again, registered("n1", "e1:4"))),
  ];
  it.each([
    ["as many as there were", counting(0, 1, 1), null],
    ["some from the beginning", counting(3, 4, 4), "was registered with finished 3, allowed 0: 0 jobs"],
    ["none more with a job", counting(0, 0, 0), "was completed with finished 0, allowed 1: 0 jobs"],
    ["none in its next life", counting(0, 1, 0), "was registered with finished 0, allowed 1: 1 jobs"],
    ["what was there before the observer came", counting(3, 4, 4).slice(1), null],
  ])("holds a node to how many jobs it says that it has finished: %s", (_what, observations, wrong) => {
    const { violations } = judgeRecorded(judgeJobOnce, trialOf({ observations }));
    expect(violations.map(([first]) => first)).toEqual(wrong === null ? [] : [expect.stringContaining(wrong)]);
  });

  it("lets a released job, and one of a lost past, be reserved again", () => {
    const released = [...placed, entry(3, job("released", "a", 0)), entry(4, job("reserved", "a", 1))];
    const newEpoch = [entry(1, registered(), "e2"), entry(2, job("reserved", "a", 1), "e2")];
    for (const observations of [released, [...placed, ...newEpoch]]) {
      expect(judgeRecorded(judgeJobOnce, trialOf({ history: [lost, retried], observations })).verdict).toBe("held");
    }
  });

  it("lets a job be reserved again once the node has gone with what it had finished, and accuses no node of which nothing is known", () => {
    const done = [...placed, entry(3, job("completed", "a", 0)), entry(4, gone("removed"))];
    const again = [...done, entry(5, registered("n1", "e1:5")), entry(6, job("reserved", "a", 1))];
    for (const observations of [again, [entry(7, job("completed", "a", 0))]])
      expect(judgeRecorded(judgeJobOnce, trialOf({ observations })).violations).toEqual([]);
  });

  const again = [
    ...[...placed, entry(3, job("completed", "a", 0)), entry(4, job("reserved", "b", 1))],
    ...[entry(5, job("completed", "b", 0)), entry(6, job("reserved", "a", 1))],
  ];
  const anew = [
    seenAt(100, entry(1, registered("n1", "e2:1"), "e2")),
    seenAt(101, entry(2, job("reserved", "a", 1), "e2")),
  ];
  it.each([
    ["remembered", again, 2, 1],
    ["forgotten for another", again, 1, 0],
    ["remembered into another epoch", [...again.slice(0, 5), ...anew], 2, 1],
    ["forgotten in an epoch before", [...again.slice(0, 5), ...anew], 1, 0],
  ])("holds the store to a job that has to be %s", (_what, observations, doneMax, violations) => {
    const judged = judgeRecorded(judgeJobOnce, trialOf({ observations, terms: { doneMax } }));
    expect(judged.violations).toHaveLength(violations);
  });

  it("is not exercised by a repetition of what the store never had, and violated by what is said to be one", () => {
    const never = { ...lost, job: "q" };
    const again = { ...retried, job: "q" };
    expect(judgeRecorded(judgeJobOnce, trialOf({ history: [never, again], observations: placed })).verdict).toBe(
      "not_exercised",
    );
    const versioned = { ...again, version: { epoch: "e1", sequence: 2 } };
    expect(
      judgeRecorded(judgeJobOnce, trialOf({ history: [lost, versioned], observations: placed })).violations[0]?.[0],
    ).toBe("job q was said to have its place on node n1 already, where it had none, allowed only for a repetition");
    const right = { ...retried, version: { epoch: "e1", sequence: 2 } };
    expect(judgeRecorded(judgeJobOnce, trialOf({ history: [lost, right], observations: placed })).verdict).toBe("held");
  });

  it("is not exercised where no reply was lost", () => {
    expect(judgeRecorded(judgeJobOnce, trialOf({ observations: placed })).verdict).toBe("not_exercised");
  });
});
