import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/check/history.ts";
import { judgeClosing } from "../../../src/judges/instances/closing.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { Stage } from "../../simulate/judges/stage.ts";

const closedAt = 100;

/** An instance that is closed at 100 ms; its `close` ends after `took`. */
function closing({ connections = 0, timers = 0, took = 20 } = {}): Stage {
  const stage = new Stage(inSimulation(judgeClosing));
  stage.instance(0, "started");
  stage.instance(closedAt, "closing");
  if (Number.isFinite(took)) stage.hear({ kind: "closed", at: closedAt + took, instance: 0, timers, connections });
  return stage;
}

const select = (from: number, stale: boolean | undefined): Parameters<Stage["returned"]>[0] => ({
  ...{ op: "select_nodes", reply: "normal", selected: [], from, to: from },
  ...(stale === undefined ? {} : { stale }),
});

const write = (from: number, to: number, parts: Partial<Call>): Parameters<Stage["returned"]>[0] => ({
  ...{ op: "reserve_job", job: "j", reply: "reserved", from, to },
  ...parts,
});

describe("K6", () => {
  it("holds where what was in flight ended, and what came later was refused or marked stale", () => {
    const stage = closing();
    stage.returned(write(90, 110, {}));
    stage.returned(write(105, 105, { outcome: "fail", reply: "closed" }));
    stage.returned(select(130, true));
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it.each([
    ["a timer", { timers: 1 }],
    ["a connection", { connections: 2 }],
    ["a close that takes longer than the deadline of a call", { took: 60 }],
    ["a close that never ends", { took: Number.POSITIVE_INFINITY }],
  ])("is violated by %s", (_, how) => {
    const stage = closing(how);
    stage.returned(select(130, true));
    expect(stage.finish().verdict).toBe("violated");
  });

  it.each([
    ["a selection that is not marked stale", select(130, false)],
    [
      "a read that is not marked stale",
      {
        ...{ op: "get_node", from: 130, to: 130 },
        read: { found: true, source: "l1", stale: false, age_ms: 1, mode: "normal", node: null },
      },
    ],
    ["a write that is done", write(130, 131, {})],
    ["a write that was cut off", write(90, 100.5, { outcome: "info", reply: "closed" })],
  ] satisfies readonly (readonly [string, Parameters<Stage["returned"]>[0]])[])("is violated by %s", (_, wrong) => {
    const stage = closing();
    stage.returned(wrong);
    expect(stage.finish()).toMatchObject({ verdict: "violated" });
  });

  it("is violated by a call to the store that is sent afterwards, and not by one from before", () => {
    const settled = (from: number) =>
      ({
        kind: "settled",
        at: from + 5,
        instance: 0,
        request: 1,
        script: "sweep",
        partition: 0,
        from,
        deadline: 30,
        outcome: "answered",
      }) as const;
    const [right, wrong] = [closing(), closing()];
    for (const stage of [right, wrong]) stage.returned(select(130, true));
    right.hear(settled(99));
    wrong.hear(settled(101));
    expect(right.finish().verdict).toBe("held");
    expect(wrong.finish().verdict).toBe("violated");
  });

  it("looks again before the process ends, for a timer that was set meanwhile", () => {
    const stage = closing();
    stage.returned(select(130, true));
    stage.hear({ kind: "closed", at: 300, instance: 0, timers: 1, connections: 0 });
    expect(stage.finish().verdict).toBe("violated");
  });

  it("is not exercised where nothing was closed, nor where nothing was in flight and nothing came later", () => {
    const stage = new Stage(inSimulation(judgeClosing));
    stage.instance(0, "started");
    stage.instance(5, "crashed");
    stage.returned(select(130, true));
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
    expect(closing().finish()).toMatchObject({ verdict: "not_exercised" });
  });

  it("accuses no new process of what the former one was asked", () => {
    const stage = closing();
    stage.returned(select(130, true));
    stage.instance(200, "crashed");
    stage.instance(200, "started");
    stage.returned(select(230, false));
    stage.returned(write(230, 231, {}));
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });
});
