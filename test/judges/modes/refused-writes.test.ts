import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/check/history.ts";
import { judgeRefusedWrites } from "../../../src/judges/modes/refused-writes.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { complete, register, reserve, Stage } from "../../simulate/judges/stage.ts";

/** A node, and an instance that is degraded from 110 on. */
function degraded(): Stage {
  const stage = new Stage(inSimulation(judgeRefusedWrites));
  stage.ask(10, register());
  stage.fault(100, "inject");
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

  it("is not exercised by an instance in normal", () => {
    const stage = new Stage(inSimulation(judgeRefusedWrites));
    called(stage, 50, 50);
    expect(stage.finish().verdict).toBe("not_exercised");
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
    open.probe(220, "deadline");
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

  it("leaves a reserve open that is answered after the instance has given it up, so that it may be repeated", () => {
    const stage = degraded();
    stage.probe(190);
    const id = stage.called(200, "dispatch", 0, { job: "j" });
    const request = stage.ask(200, reserve("j"));
    stage.returned({ id, op: "dispatch", job: "j", from: 200, to: 230, outcome: "info", reply: "deadline" });
    stage.settle(231, request);
    stage.probe(235, "deadline");
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

function loseEpoch(stage: Stage): void {
  stage.promote(211, 2, stage.state());
  stage.run(212, register("o"), { server: 2 });
  stage.view(213, stage.version(2));
}
