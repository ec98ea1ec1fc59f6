import { describe, expect, it } from "vitest";
import { judgeLateHeartbeats } from "../../../src/judges/late-heartbeats.ts";
import { epochText } from "../../../src/simulate/servers/epoch-text.ts";
import { inSimulation } from "./in-simulation.ts";
import { type Asked, register, Stage } from "./stage.ts";

type Incarnation = ReturnType<Stage["incarnation"]>;

function beat(seq: number, incarnation: Incarnation): Asked {
  const metrics = { cpu: 0, gpu: 0, memory: 0, load: 0, latency_ms: 0, error_rate: 0 };
  const terms = { ttl: 1_000, lease: 1_000, healthMilli: 500, metrics, running: [] };
  return { kind: "heartbeat", node: "n", seq, chunk: 0, incarnation, ...terms };
}

function begun(make: ConstructorParameters<typeof Stage>[0], options?: ConstructorParameters<typeof Stage>[1]): Stage {
  const stage = new Stage(make, options);
  stage.run(1, register());
  return stage;
}

describe("N1", () => {
  const textOf = ({ epoch, sequence }: Incarnation) => `${epochText(epoch)}:${sequence}`;
  const reported = (stage: Stage, seq: number, incarnation: Incarnation, reply = "renewed", from = 10) => {
    const version = stage.version();
    stage.returned({ op: "heartbeat", from, to: from + 1, seq, incarnation: textOf(incarnation), reply, version });
  };

  it("holds where late heartbeats are refused, older ones and those of a former life", () => {
    const stage = begun(inSimulation(judgeLateHeartbeats));
    const former = stage.incarnation();
    stage.run(2, beat(2, former));
    stage.run(3, beat(1, former));
    reported(stage, 2, former);
    stage.run(4, register("n", "r2"));
    stage.run(5, beat(9, former));
    reported(stage, 9, former, "superseded");
    const judged = stage.finish();
    expect(judged).toMatchObject({ verdict: "held", exercised: 2 });
    expect(judged.measures).toEqual([{ name: "of_a_former_life", value: 1 }]);
  });

  it("is not exercised where all come in order", () => {
    const stage = begun(inSimulation(judgeLateHeartbeats));
    stage.run(2, beat(1, stage.incarnation()));
    stage.run(3, beat(2, stage.incarnation()));
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
  });

  it("is violated where a store takes an older one", () => {
    const stage = begun(inSimulation(judgeLateHeartbeats));
    stage.run(2, beat(2, stage.incarnation()));
    const after = stage.state();
    const record = after.nodes.get("n");
    if (record === undefined) throw new Error("no node n");
    const back = { ...after, nodes: new Map([["n", { ...record, heartbeatSeq: 1 }]]) };
    stage.run(3, beat(1, stage.incarnation()), { wrong: { after: () => back } });
    expect(stage.finish().violations[0]?.[0]).toMatch(
      /went from seq 2 of life .* to seq 1 of life .*, by heartbeat 1 of life .*, allowed is nothing older/,
    );
  });

  it("is violated where a heartbeat of a former life is passed on as one of this life", () => {
    const stage = begun(inSimulation(judgeLateHeartbeats));
    const former = stage.incarnation();
    stage.run(2, register("n", "r2"));
    stage.run(3, beat(9, stage.incarnation()));
    reported(stage, 9, former);
    expect(stage.finish().violations[0]?.[0]).toMatch(/it is of the life .*:1, and the node was in the life .*:2 then/);
  });

  it("says nothing of one that names no life", () => {
    const stage = begun(inSimulation(judgeLateHeartbeats));
    stage.returned({ op: "heartbeat", from: 10, to: 11, seq: 1, reply: "renewed", version: stage.version() });
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised", violations: [] });
  });

  it("is violated where one is taken after a newer one had been answered", () => {
    const stage = begun(inSimulation(judgeLateHeartbeats));
    reported(stage, 5, stage.incarnation());
    reported(stage, 5, stage.incarnation(), "renewed", 20);
    expect(stage.finish().violations[0]?.[0]).toMatch(/seq 5 of that life had been answered at 11 ms/);
  });
});
