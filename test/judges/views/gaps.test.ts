import { describe, expect, it } from "vitest";
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import type { FaultStep } from "../../../src/check/history.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { judgeGaps } from "../../../src/judges/views/gaps.ts";
import {
  call,
  dump,
  entry,
  faultFrom,
  job,
  mode,
  registered,
  seenAt,
  stall,
  trialOf,
  view,
} from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { register, reserve, Stage } from "../../simulate/judges/stage.ts";

const make = inSimulation(judgeGaps);

/** Version 1: registered. */
function begun(judge: typeof make, options?: ConstructorParameters<typeof Stage>[1]): Stage {
  const stage = new Stage(judge, options);
  stage.run(1, register());
  return stage;
}

describe("V4 in simulation", () => {
  const lost = (stage: Stage, at: number) => {
    const version = stage.version();
    stage.hear({ kind: "lost", at, instance: 0, what: "wake_up", request: 0, partition: 0, version });
  };

  it("holds where an unannounced change is there within the bound", () => {
    const stage = begun(make);
    lost(stage, 1);
    for (const instance of [0, 1]) stage.view(300, stage.version(), instance);
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" }); // nothing says that the run is over
    stage.phase(400, "end");
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("is not exercised where every change was announced", () => {
    const stage = begun(make);
    stage.view(20, stage.version());
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
  });

  it("counts what happens while the feed is down as unannounced", () => {
    const stage = new Stage(make);
    stage.hear({ kind: "link", at: 0, instance: 1, link: "feed", state: "down", reason: "" });
    stage.run(1, register());
    stage.view(20, stage.version(), 1);
    stage.phase(200, "end");
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it.each([
    ["it is there later", (stage: Stage) => stage.view(302, stage.version())],
    ["the run ends first", (stage: Stage) => stage.phase(302, "end")],
    ["the instance degrades after the bound", (stage: Stage) => stage.mode(302, "normal", "l2_only")],
    ["another server takes over after the bound", (stage: Stage) => stage.promote(302, 2, stage.state(), "restarted")],
  ])("is violated where %s, announced or not", (_, end) => {
    const stage = begun(make);
    stage.view(1, stage.version(), 1);
    end(stage);
    expect(stage.finish().verdict).toBe("violated");
    expect(stage.finish().violations[0]?.[0]).toBe(
      "instance 0 was without change 1 of partition 0 for 301 ms, allowed 300 ms",
    );
  });

  it("counts what came before the load from its beginning", () => {
    const stage = new Stage(make);
    stage.run(-100, register());
    stage.run(250, reserve("a"));
    stage.view(300, { ...stage.version(), sequence: 1 });
    expect(stage.finish().violations).toEqual([]);
    const late = new Stage(make);
    late.run(-100, register());
    late.run(250, reserve("a"));
    late.phase(301, "end");
    expect(late.finish().violations[0]?.[0]).toMatch(/was without change 1 of partition 0 for 301 ms/);
  });

  it("counts from the return to normal, and only while the instance runs", () => {
    const away = begun(make);
    away.mode(100, "normal", "l2_only");
    away.mode(1_000, "l2_only", "normal");
    away.view(1_300, away.version());
    expect(away.finish().violations).toEqual([]);
    const asleep = begun(make);
    asleep.instance(100, "paused");
    asleep.instance(1_000, "resumed");
    asleep.view(1_201, asleep.version());
    expect(asleep.finish().violations).toEqual([]);
    const late = begun(make);
    late.instance(100, "paused");
    late.instance(1_000, "resumed");
    late.view(1_202, late.version());
    expect(late.finish().verdict).toBe("violated");
  });

  it("counts from when the store tells again what has changed, where its own keys had kept it from that", () => {
    const spoilt: Fault = { kind: "wrong_type", at: 100, lasts: 900, key: "feed" };
    const run = (fault: Fault, reached: number): Stage => {
      const stage = begun(make, { faults: [fault] });
      const parts = { name: "wrong_type", instance: null, link: "server", cutsOff: false } as const;
      stage.fault(100, "inject", parts);
      stage.fault(1_000, "heal", parts);
      stage.view(reached, stage.version());
      return stage;
    };
    expect(run(spoilt, 1_300).finish().violations).toEqual([]);
    expect(run(spoilt, 1_301).finish().verdict).toBe("violated");
    expect(run({ ...spoilt, key: "expiry" }, 1_300).finish().verdict).toBe("violated");
  });

  it("asks for what the server has to which the instance goes, in its epoch", () => {
    const stage = begun(make);
    stage.view(2, stage.version());
    stage.view(2, stage.version(), 1);
    stage.promote(10, 2, stage.state());
    stage.run(20, reserve("a"), { server: 2 });
    stage.view(30, stage.version(2), 1);
    stage.phase(330, "end");
    expect(stage.finish().violations.map(([first]) => first)).toEqual([
      "instance 0 was without change 1 of partition 0 for 310 ms, allowed 300 ms",
    ]);
  });

  it("does not ask of who is misled for what the other server has", () => {
    const split: Fault = { kind: "redis_split_brain", at: 5, lasts: 500, instances: [0] };
    const stage = begun(make, { faults: [split] });
    stage.view(2, stage.version());
    stage.view(2, stage.version(), 1);
    stage.fault(5, "inject", { name: "redis_split_brain", instance: null, link: "server", cutsOff: false });
    stage.promote(5, 2, stage.state());
    stage.run(20, reserve("a"), { server: 2 });
    stage.run(20, reserve("b"));
    stage.view(30, stage.version(2), 1);
    stage.view(30, stage.version(), 0);
    stage.hear({ kind: "server", at: 400, server: 1, what: "demoted", data: "lost" });
    stage.view(650, stage.version(2), 0);
    stage.phase(800, "end");
    expect(stage.finish().violations).toEqual([]);
  });
});

const deaf = (name = "redis_blackhole", parts: Partial<FaultStep> = {}) =>
  faultFrom(100, 900, { name, link: "feed", cuts_off: false, ...parts });
const end = { kind: "phase", at: 2_000, name: "end" } as const;
const observations = [seenAt(10, entry(1, registered())), seenAt(400, entry(2, job("reserved", "a", 1)))];

function judged(...history: Parameters<typeof trialOf>[0]["history"] & object) {
  return judgeRecorded(judgeGaps, trialOf({ history: [...history, end], observations }));
}

describe("V4 of a recorded run", () => {
  it.each(["redis_blackhole", "redis_refused"])(
    "holds when a change missed under %s is there within the bound",
    (name) => {
      expect(judged(...deaf(name), view(0, 0), view(20, 1), view(700, 2))).toMatchObject({
        verdict: "held",
        exercised: 1,
      });
    },
  );

  it("is violated when it is there later", () => {
    const { verdict, violations } = judged(...deaf(), view(0, 0), view(20, 1), view(701, 2));
    expect(verdict).toBe("violated");
    expect(violations[0]?.[0]).toBe("instance 0 was without change 2 of partition 0 for 301 ms, allowed 300 ms");
  });

  it("is violated when it never is", () => {
    expect(judged(...deaf(), view(20, 1)).verdict).toBe("violated");
  });

  it("is unknown when the process paused for the time that was too much", () => {
    expect(judged(...deaf(), view(20, 1), stall(450, 50), view(740, 2)).verdict).toBe("unknown");
  });

  it("counts from the return to normal, where the instance was degraded meanwhile", () => {
    const away = [mode(150, "normal", "l2_only"), mode(1_200, "l2_only", "normal")];
    const cut = [...deaf(), ...faultFrom(100, 900, { name: "redis_blackhole" })];
    expect(judged(...cut, ...away, view(20, 1), view(1_500, 2)).verdict).toBe("held");
    expect(judged(...cut, ...away, view(20, 1), view(1_501, 2)).verdict).toBe("violated");
  });

  it("goes on counting where another epoch begins before the change was there", () => {
    const next = [...observations, seenAt(600, entry(1, registered("n1", "e2:1"), "e2"))];
    const reached = (at: number) =>
      judgeRecorded(
        judgeGaps,
        trialOf({ history: [...deaf(), end, view(20, 1), view(at, 1, 0, "e2")], observations: next }),
      );
    expect(reached(700).verdict).toBe("held");
    const { verdict, violations } = reached(750);
    expect(verdict).toBe("violated");
    expect(violations[0]?.[0]).toBe("instance 0 was without change 2 of partition 0 for 350 ms, allowed 300 ms");
  });

  it("takes a later epoch for all of an earlier one", () => {
    const next = [...observations, seenAt(500, entry(1, registered("n1", "e2:1"), "e2"))];
    const history = [...deaf(), end, view(20, 1), view(510, 1, 0, "e2")];
    expect(judgeRecorded(judgeGaps, trialOf({ history, observations: next })).verdict).toBe("held");
  });

  it("is not exercised where nothing was missed: by no fault, by one of commands alone, by slow wake-ups", () => {
    const faults = [[], faultFrom(100, 900, { name: "redis_blackhole" }), deaf("redis_latency")];
    for (const fault of faults) expect(judged(...fault, view(20, 1), view(410, 2)).verdict).toBe("not_exercised");
  });
});

describe("V4 of a recorded run over a takeover", () => {
  const late = [entry(1, registered()), { ...entry(2, job("reserved", "a", 1)), at: 100 }];
  const views = [view(1, 1), view(160, 2)];
  const end = { kind: "phase", at: 1_000, name: "end" } as const;
  const lost = { kind: "lost_wake_up", at: 100, instance: 0, version: "e1:2" } as const;

  it("is exercised by a change whose wake-up was dropped, and by one in a half-open feed", () => {
    const halfOpen = faultFrom(20, 400, { name: "redis_half_open", link: "feed", cuts_off: false });
    for (const history of [[lost], halfOpen]) {
      const judged = judgeRecorded(judgeGaps, trialOf({ history: [...views, ...history, end], observations: late }));
      expect(judged).toMatchObject({ verdict: "held", exercised: 1 });
    }
    const other = { ...lost, instance: 1 };
    expect(judgeRecorded(judgeGaps, trialOf({ history: [...views, other, end], observations: late })).verdict).toBe(
      "not_exercised",
    );
  });

  it("is violated by one that is found too late", () => {
    const history = [view(1, 1), view(500, 2), lost, end];
    expect(judgeRecorded(judgeGaps, trialOf({ history, observations: late })).verdict).toBe("violated");
  });

  /** Epoch e2 begins at 200 on the server that took over; instance 0 goes on with the other one until 700, and learns nothing of e2. */
  const split = [
    ...[entry(1, registered()), { ...dump(0, []), at: 150, version: null, left: { epoch: "e1", sequence: 1 } }],
    ...[1, 2].map((sequence) => ({ ...entry(sequence, job("reserved", `x${sequence}`, sequence), "e2"), at: 200 })),
  ];
  const answered = (from: number, epoch: string) =>
    call({ op: "heartbeat", node: "n1", from, to: from + 5, reply: "renewed", version: { epoch, sequence: 1 } });

  it("counts from when the server that an instance reaches can tell it: none that answers in an earlier epoch can", () => {
    const followed = (at: number) => [view(1, 1), view(at, 2, 0, "e2"), { ...lost, version: "e2:2" }, end];
    const meanwhile = [300, 500, 695].map((from) => answered(from, "e1"));
    const judged = (...history: ReturnType<typeof followed>) =>
      judgeRecorded(judgeGaps, trialOf({ history: [...meanwhile, ...history], observations: split }));
    expect(judged(...followed(990))).toMatchObject({ verdict: "held", exercised: 1 });
    const late = [...meanwhile, ...followed(1_001), { kind: "phase", at: 1_300, name: "end" } as const].filter(
      (event) => event !== end,
    );
    expect(judgeRecorded(judgeGaps, trialOf({ history: late, observations: split })).verdict).toBe("violated");
  });

  it("is violated by an instance that the new server answers, and that does not notice", () => {
    const history = [view(1, 1), answered(300, "e2"), view(600, 2, 0, "e2"), { ...lost, version: "e2:2" }, end];
    expect(judgeRecorded(judgeGaps, trialOf({ history, observations: split })).verdict).toBe("violated");
  });
});
