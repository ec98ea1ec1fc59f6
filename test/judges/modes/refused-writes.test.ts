import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/check/history.ts";
import { judgeRefusedWrites } from "../../../src/judges/modes/refused-writes.ts";
import type { Settled } from "../../../src/simulate/trace/events.ts";
import { call, entry, gone, job as jobChange, judgedBy, registered, seenAt, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { complete, register, reserve, Stage } from "../../simulate/judges/stage.ts";

/** A node, and an instance that is degraded from 110 on. */
function degraded(): Stage {
  const stage = new Stage(inSimulation(judgeRefusedWrites));
  stage.ask(10, register());
  stage.fault(100, "inject");
  stage.beat(110, "deadline");
  stage.mode(110, "normal", "l2_only");
  return stage;
}

/** The same by one read that was late: it goes on sending writes. */
function doubting(): Stage {
  const stage = new Stage(inSimulation(judgeRefusedWrites));
  stage.ask(10, register());
  stage.fault(100, "inject");
  stage.probe(110, "deadline");
  stage.mode(110, "normal", "l2_only");
  return stage;
}

const job = { op: "reserve_job", node: "n", job: "j" } as const;
const refusal = { outcome: "fail", reply: "disconnected" } as const;

function called(stage: Stage, from: number, to: number, parts: Partial<Call> = {}): void {
  stage.hear({ kind: "called", at: from, call: from, instance: 0, op: "reserve_job", node: "n", job: "j" });
  stage.returned({ id: from, ...job, from, to, ...refusal, ...parts });
}

const found = (stage: Stage): readonly string[] => stage.finish().violations.map(([first = ""]) => first);

describe("D6", () => {
  it("holds where a write fails at once, with applied no", () => {
    const stage = degraded();
    called(stage, 200, 200);
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1, violations: [] });
  });

  it("is not exercised by an instance in normal, which sends its writes", () => {
    const stage = new Stage(inSimulation(judgeRefusedWrites));
    stage.hear({ kind: "called", at: 50, call: 50, instance: 0, op: "reserve_job", node: "n", job: "j" });
    stage.settle(51, stage.send(50, reserve("j")));
    stage.returned({ id: 50, ...job, from: 50, to: 51, outcome: "ok", reply: "full" });
    expect(stage.finish().verdict).toBe("not_exercised");
  });

  it.each<readonly [string, (stage: Stage) => void, number]>([
    ["in normal", (stage) => stage.mode(115, "l2_only", "normal"), 1],
    ["after one late read", () => {}, 1],
    ["after two late reads with an answer between", (stage) => twice(stage, "answered"), 1],
    ["after two late reads in a row", (stage) => twice(stage, null), 0],
    ["after a late write", (stage) => stage.beat(120, "deadline"), 0],
    ["after a write that it gave up by its own clock", (stage) => givenUp(stage, 155), 0],
    ["after a write that was answered in its grace", (stage) => givenUp(stage, null), 1],
    ["after a heartbeat that was given up by its own clock", (stage) => beatenAt(stage, 160), 0],
    ["after a failed write", (stage) => stage.beat(120, "moved"), 0],
    ["once a probe was answered", (stage) => reopened(stage), 1],
    ["without a connection", (stage) => link(stage, 120, "down"), 0],
    ["once the connection has come back, and what was tried meanwhile is not known", (stage) => reconnected(stage), 0],
  ])("holds a write that is refused %s against the instance: %i", (_, since, violations) => {
    const stage = doubting();
    since(stage);
    called(stage, 200, 200);
    expect(found(stage).filter((first) => first.includes("was refused"))).toHaveLength(violations);
  });

  it.each([
    ["has been given up, and is answered later", 220, {}, 0],
    ["has been answered in its grace", 154, {}, 1],
    ["has been given up, and is late for its client afterwards", 220, { outcome: "deadline" }, 0],
    ["has not yet been given up, and is late for its client afterwards", 220, { outcome: "deadline", from: 180 }, 1],
  ] as const)(
    "holds a write that is refused while a heartbeat %s, at %i ms, %o, against the instance: %i",
    (_, at, how, violations) => {
      const stage = doubting();
      if (at < 200) beatenAt(stage, at, how);
      called(stage, 200, 200);
      if (at > 200) beatenAt(stage, at, how);
      expect(found(stage).filter((first) => first.includes("was refused"))).toHaveLength(violations);
    },
  );

  it("does not hold a write that is sent against the instance, after an answer that it may have heard or given up", () => {
    const stage = degraded();
    beatenAt(stage, 160);
    stage.send(200, complete("j"));
    expect(found(stage)).toEqual([]);
    stage.beat(210, "deadline");
    stage.send(220, complete("j"));
    expect(found(stage)).toHaveLength(1);
  });

  it.each([
    ["since", 190, 0],
    ["before", 150, 1],
  ])(
    "holds a write that is sent against the instance, with a probe answered %s it may have given up a late call: at %i ms, %i violations",
    (_, probed, violations) => {
      const stage = degraded();
      stage.probe(probed);
      beatenAt(stage, 200, { outcome: "deadline" });
      stage.send(210, complete("j"));
      expect(found(stage)).toHaveLength(violations);
    },
  );

  it("is exercised by a write that a degraded instance sends", () => {
    const stage = doubting();
    stage.hear({ kind: "called", at: 200, call: 7, instance: 0, op: "reserve_job", node: "n", job: "j" });
    stage.settle(201, stage.send(200, reserve("j")));
    stage.returned({ id: 7, ...job, from: 200, to: 201, outcome: "ok", reply: "full" });
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("does not say whether a write was due where the late call was not seen", () => {
    const stage = new Stage(inSimulation(judgeRefusedWrites));
    stage.mode(110, "normal", "l2_only");
    called(stage, 200, 200);
    stage.send(210, reserve("j"));
    expect(found(stage)).toEqual([]);
  });

  it("is violated by a write that waits, and by one whose outcome is said to be unknown though nothing was sent", () => {
    const waiting = degraded();
    called(waiting, 200, 230);
    expect(found(waiting)).toEqual([
      "reserve_job j on instance 0 waited for 30 ms though the instance was degraded, allowed is to fail at once",
    ]);
    const unknown = degraded();
    called(unknown, 200, 200, { outcome: "info" });
    expect(found(unknown)).toEqual([expect.stringContaining("applied unknown, and nothing had been sent for it")]);
  });

  it("is violated by a write that is sent before a probe is answered, and by none that is sent after", () => {
    const stage = degraded();
    stage.send(200, reserve("j"));
    expect(found(stage)).toEqual([
      "instance 0 sent reserve_job j while it was degraded, allowed only after a probe has been answered",
    ]);
    const open = degraded();
    open.probe(200);
    open.send(210, reserve("j"));
    expect(found(open)).toEqual([]);
    open.beat(220, "deadline");
    open.send(230, complete("j"));
    expect(found(open)).toHaveLength(1);
  });

  it("does not count the failure of a call that its client had aborted before", () => {
    const stage = degraded();
    stage.probe(200);
    const place = { kind: "settled", at: 210, instance: 0, request: 9, script: "reserve_job", partition: 0 } as const;
    stage.hear({ ...place, from: 205, deadline: 30, outcome: "moved", isAborted: true });
    stage.send(220, complete("j"));
    expect(found(stage)).toEqual([]);
    stage.hear({ ...place, at: 230, from: 225, deadline: 30, outcome: "moved" });
    stage.send(240, complete("j"));
    expect(found(stage)).toHaveLength(1);
  });

  it("allows the repetition of a reserve of which the outcome is unknown", () => {
    const stage = degraded();
    stage.probe(200);
    const request = stage.send(210, reserve("j"));
    stage.settle(240, request, "deadline");
    stage.send(250, reserve("j"));
    expect(found(stage)).toEqual([]);
    stage.send(260, reserve("other"));
    expect(found(stage)).toHaveLength(1);
  });

  it.each([
    ["before it was answered", 205],
    ["afterwards", 260],
  ])("is violated where what is said not to have happened happens %s", (_, at) => {
    const stage = degraded();
    stage.probe(190);
    stage.hear({ kind: "called", at: 200, call: 7, instance: 0, op: "reserve_job", node: "n", job: "j" });
    const request = stage.send(200, reserve("j"));
    if (at < 230) stage.run(at, reserve("j"), { request });
    stage.returned({ id: 7, ...job, from: 200, to: 230, ...refusal });
    if (at > 230) stage.run(at, reserve("j"), { request });
    expect(found(stage)[0]).toBe(
      "reserve_job j on instance 0 ended as disconnected, applied no, and has happened, allowed is applied unknown",
    );
  });

  it.each([
    ["gave up before", true, 0],
    ["had waited for", false, 1],
  ])(
    "is closed by the failure of a request that the instance %s: given up %s, %i violations",
    (_, isGivenUp, violations) => {
      const stage = degraded();
      stage.probe(190);
      const id = stage.called(200, "register_node");
      const request = stage.send(200, register("m"));
      if (isGivenUp)
        stage.returned({
          id,
          op: "register_node",
          node: "m",
          job: "",
          from: 200,
          to: 240,
          outcome: "info",
          reply: "deadline",
        });
      stage.probe(240);
      stage.settle(241, request, "deadline");
      stage.send(250, complete("j"));
      expect(found(stage)).toHaveLength(violations);
    },
  );

  // Each call ends 35 ms after it was sent: the timeout of a write is 30 ms, and its grace 5 ms.
  it.each([
    ["with it", 200, 0],
    ["4 ms after it", 204, 1],
  ])(
    "is closed by a write whose node another call was about, given up at 235 ms, unless it was sent %s: at %i ms, %i violations",
    (_, from, violations) => {
      const stage = degraded();
      stage.probe(190);
      const id = stage.called(200, "offline_node");
      const request = stage.send(from, register("m"));
      stage.returned({ id, op: "offline_node", node: "m", from: 200, to: 235, outcome: "info", reply: "deadline" });
      stage.probe(237);
      stage.settle(239, request, "deadline");
      stage.send(250, complete("j"));
      expect(found(stage)).toHaveLength(violations);
    },
  );

  it("leaves a reserve open that is answered after the instance has given it up, so that it may be repeated", () => {
    const stage = degraded();
    stage.probe(190);
    const id = stage.called(200, "dispatch", 0, { job: "j" });
    const request = stage.ask(200, reserve("j"));
    stage.returned({ id, op: "dispatch", job: "j", from: 200, to: 235, outcome: "info", reply: "deadline" });
    stage.settle(236, request);
    stage.send(240, reserve("j"));
    expect(found(stage)).toEqual([]);
    stage.send(241, reserve("other"));
    expect(found(stage)).toHaveLength(1);
  });

  it.each<readonly [string, (stage: Stage) => void, boolean]>([
    ["still has its place", () => {}, true],
    ["has lost it to the node's next registration", (stage) => stage.run(215, register("n", "r2")), false],
    ["has lost it with its epoch", loseEpoch, false],
  ])("is violated by a denied dispatch whose job %s: %s", (_, lose, isViolated) => {
    const stage = degraded();
    stage.probe(190);
    const id = stage.called(200, "dispatch", 0, { job: "j" });
    const request = stage.send(200, reserve("j"));
    stage.run(205, reserve("j"), { request });
    stage.settle(210, request, "deadline");
    lose(stage);
    stage.returned({ id, op: "dispatch", job: "j", from: 200, to: 230, ...refusal });
    expect(found(stage).some((first) => first.includes("applied no, and has happened"))).toBe(isViolated);
  });
});

describe("D6 of a recorded run", () => {
  const denied = call({ op: "dispatch", job: "a", node: "n1", from: 200, to: 230, outcome: "fail", reply: "refused" });
  const placed = [seenAt(1, entry(1, registered())), seenAt(235, entry(2, jobChange("reserved", "a", 1)))];
  const lostAt = (at: number) => [seenAt(at, entry(3, gone("offline")))];

  it.each([
    ["may have been lost by then, though both were seen only later", lostAt(236), 0],
    ["was certainly lost only later", lostAt(600), 1],
    ["is still there", [], 1],
  ])("lets a dispatch be denied whose place %s", (_, lost, count) => {
    const { violations } = judgedBy("D6", trialOf({ history: [denied], observations: [...placed, ...lost] }));
    expect(violations).toHaveLength(count);
  });
});

function twice(stage: Stage, between: "answered" | null): void {
  if (between !== null) stage.beat(120, between);
  stage.probe(130, "deadline");
}

/** A reserve whose answer comes at last. @param at when the instance has given it up; null: it has not */
function givenUp(stage: Stage, at: number | null): void {
  const call = stage.called(120, "dispatch", 0, { job: "x" });
  const request = stage.ask(120, reserve("x"));
  const made = { id: call, op: "dispatch", job: "x", from: 120 } as const;
  if (at !== null) stage.returned({ ...made, to: at, outcome: "info", reply: "deadline" });
  stage.settle(at === null ? 152 : at + 1, request);
  if (at === null) stage.returned({ ...made, to: 152, node: "n", reply: "reserved" });
}

/** The instance gives a write up after its timeout of 30 ms and the grace of 5 ms beside, whatever its client does. */
function beatenAt(stage: Stage, at: number, how: Partial<Pick<Settled, "from" | "outcome">> = {}): void {
  const { from = 120, outcome = "answered" } = how;
  stage.hear({
    ...{ kind: "settled", at, instance: 0, request: 77, script: "heartbeat", partition: 0 },
    ...{ from, deadline: 30, outcome },
  });
}

function reopened(stage: Stage): void {
  stage.beat(120, "deadline");
  stage.view(125, stage.version());
  stage.poll(129, 130);
  stage.ask(140, { kind: "changes_since", since: { epoch: 1, sequence: 1 }, limit: 0 });
  stage.hear({
    ...{ kind: "settled", at: 140, instance: 0, request: stage.sent, script: "changes_since", partition: 0 },
    ...{ from: 140, deadline: 25, outcome: "answered" },
  });
}

function link(stage: Stage, at: number, state: "up" | "down"): void {
  stage.hear({ kind: "link", at, instance: 0, link: "commands", state, reason: "" });
}

function reconnected(stage: Stage): void {
  link(stage, 120, "down");
  link(stage, 130, "up");
}

function loseEpoch(stage: Stage): void {
  stage.promote(211, 2, stage.state());
  stage.run(212, register("o"), { server: 2 });
  stage.view(213, stage.version(2));
}
