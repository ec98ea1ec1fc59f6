import { describe, expect, it } from "vitest";
import { judgeHeldDeadlines } from "../../../src/judges/time/held-deadlines.ts";
import type { FaultDone } from "../../../src/simulate/trace/events.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { type Asked, register, reserve, Stage } from "../../simulate/judges/stage.ts";

/** The shortest TTL of a heartbeat is 8 s, and sweeps may be 3 s apart. */
const settings = { heartbeatTtl: 10_000, ttlSpread: 0.2, sweepInterval: 1_000 };
const epochHeld = 8_000;
const begin = 10_000;

const sweep = (): Asked => ({
  ...{ kind: "sweep", retention: 1_000, limit: 10, jobLimit: 1_000, offset: 0, gap: 86_400_000, grace: 0 },
  candidates: ["n"],
});

function tried(stage: Stage, from: number, outcome: "ok" | "fail"): void {
  stage.hear({ kind: "called", at: from, call: 1_000 + from, instance: 0, op: "heartbeat", node: "n", job: "" });
  const reply = outcome === "ok" ? "renewed" : "degraded";
  stage.returned({ op: "heartbeat", id: 1_000 + from, node: "n", from, to: from + 1, outcome, reply });
}

/** Both instances are cut off for 20 s from 12 s on, in which the node goes on sending heartbeats. */
function away(parts: Partial<FaultDone> = {}, lasts = 20_000): Stage {
  const stage = new Stage(inSimulation(judgeHeldDeadlines), { settings });
  stage.run(0, { ...register(), ttl: 1_000 } as Asked);
  stage.run(1, reserve("a", "n", 500));
  tried(stage, begin, "ok");
  const whole = { instance: null, link: "server", ...parts } as const;
  stage.fault(begin + 2_000, "inject", whole);
  for (let at = begin + 2_500; at < begin + 2_000 + lasts; at += 2_500) tried(stage, at, "fail");
  stage.fault(begin + 2_000 + lasts, "heal", whole);
  return stage;
}

const back = begin + 22_000;

describe("N4", () => {
  it("counts nodes that were past their time when the store was back, and holds where they outlive that", () => {
    const stage = away();
    stage.run(back + 8_001, sweep());
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("is violated where a node expires before one TTL is over", () => {
    const stage = away();
    stage.run(back + 500, sweep());
    const judged = stage.finish();
    expect(judged.violations[0]?.[0]).toBe(
      "node n expired 500 ms after the store was back, which had been away for 20000 ms, allowed only after 8000 ms, in which heartbeats renew it",
    );
  });

  it("claims nothing where one of the instances could sweep, nor where the store was away for less", () => {
    for (const stage of [away({ instance: 0, link: "commands" }), away({ cutsOff: false }), away({}, 3_000)]) {
      stage.run(back + 500, sweep());
      expect(stage.finish()).toMatchObject({ verdict: "not_exercised", violations: [] });
    }
  });

  it("is violated where a place lapses in a new epoch before one TTL is over", () => {
    for (const [at, count] of [
      [begin + epochHeld - 10, 1],
      [begin + epochHeld + 10, 0],
    ] as const) {
      const stage = new Stage(inSimulation(judgeHeldDeadlines), { settings });
      stage.run(0, { ...register(), ttl: 60_000 } as Asked);
      stage.run(1, reserve("a", "n", 500));
      stage.promote(begin, 2, stage.state());
      stage.run(begin, reserve("b"), { server: 2 });
      stage.run(at, sweep(), { server: 2 });
      expect(stage.finish().violations).toHaveLength(count);
    }
  });
});

describe("N4 of what an instance asks for", () => {
  const documented = { heartbeatTtl: 10_000, ttlSpread: 0.2, retention: 60_000 };
  function asked(...requests: readonly Asked[]) {
    const stage = new Stage(inSimulation(judgeHeldDeadlines), { settings: documented });
    for (const [at, request] of requests.entries()) stage.settle(at + 0.5, stage.ask(at, request));
    return stage.finish().violations.map(([first]) => first);
  }
  const registered = (ttl: number): Asked => ({ ...register(), ttl }) as Asked;
  const swept = (retention: number): Asked => ({ ...sweep(), retention }) as Asked;

  it("is nothing where it is what the settings say, give or take the spread", () => {
    expect(asked(registered(8_000), registered(12_000), swept(60_000))).toEqual([]);
  });

  it("is violated where a node is to be online for less or more", () => {
    expect(asked(registered(7_000), registered(60_000))).toEqual([
      "register_node asked that node n be online for 7000 ms, allowed 10000 ms give or take 20 %",
      "register_node asked that node n be online for 60000 ms, allowed 10000 ms give or take 20 %",
    ]);
  });

  it("is violated where what has gone is to be known for another time", () => {
    expect(asked(registered(9_000), swept(1_000))).toEqual([
      "an instance asked that what a sweep expires be known for 1000 ms, allowed 60000 ms",
    ]);
  });
});
