import { describe, expect, it } from "vitest";
import { judgeModes } from "../../../src/judges/modes/modes.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { register, Stage } from "../../simulate/judges/stage.ts";

const settings = { localOnlyAfter: 1_000, l2Ttl: 4_000, l1Ttl: 100, missTtl: 100, ttlSpread: 0.25 };

/** Degraded at 100, with probes in vain every 100 ms until `until`. The configuration and the partition were confirmed at `confirmed`, if at all. */
function degraded(until: number, confirmed?: number): Stage {
  const stage = new Stage(inSimulation(judgeModes), { settings });
  if (confirmed !== undefined) {
    stage.ask(confirmed - 10, register());
    stage.view(confirmed - 5, stage.version());
    stage.poll(confirmed, confirmed + 1);
    stage.pollConfig(confirmed, confirmed + 1, "read_config");
  }
  stage.fault(90, "inject");
  stage.mode(100, "normal", "l2_only");
  for (let at = 200; at <= until; at += 100) stage.probe(at, "deadline");
  return stage;
}

const found = (stage: Stage): string => stage.finish().violations[0]?.[0] ?? "";

describe("D5 of local_only", () => {
  it("is entered in time after a silence", () => {
    const stage = degraded(1_000);
    stage.mode(1_100, "l2_only", "local_only");
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("is violated where it is not entered", () => {
    expect(found(degraded(1_200))).toBe(
      "instance 0 was still l2_only after 1100 ms without an answer, allowed 1000 ms",
    );
  });

  it("is violated where it is entered too soon", () => {
    const stage = degraded(900, -2_000);
    stage.mode(950, "l2_only", "local_only");
    expect(found(stage)).toMatch(/^instance 0 became local_only after 850 ms without an answer/);
  });

  it("is violated where what is held is past its TTL, spread and all, and it is not entered", () => {
    expect(found(degraded(900, -4_300))).toBe(
      "instance 0 was still l2_only with content that was last confirmed 5100 ms before, allowed 5000 ms",
    );
    expect(found(degraded(900, -4_000))).toBe("");
  });

  it.each([
    ["read_config", /^instance 0 became local_only after 850 ms without an answer/],
    ["check_config", /^$/],
  ] as const)("%s that shows a change confirms what is held: %s", (script, expected) => {
    const stage = degraded(900, -4_000);
    stage.poll(-2_000, -1_999);
    stage.pollConfig(-2_000, -1_999, script);
    stage.mode(950, "l2_only", "local_only");
    expect(found(stage)).toMatch(expected);
  });
});

describe("D5 of normal", () => {
  /** In `normal`, asking in vain every 100 ms from 0 on. */
  function asking(until: number, confirmed: number): Stage {
    const stage = new Stage(inSimulation(judgeModes), { settings });
    stage.ask(confirmed - 10, register());
    stage.view(confirmed - 5, stage.version());
    stage.poll(confirmed, confirmed + 1);
    stage.pollConfig(confirmed, confirmed + 1, "read_config");
    stage.mode(confirmed + 2, "local_only", "normal");
    for (let at = 0; at <= until; at += 100)
      stage.send(at, { kind: "changes_since", since: { epoch: 1, sequence: 0 }, limit: 9 });
    return stage;
  }

  it("is violated where content is past its TTL, spread and all, and the instance stays", () => {
    expect(found(asking(5_200, 0))).toBe(
      "instance 0 was still normal with content that was last confirmed 5100 ms before, allowed 5000 ms",
    );
    expect(found(asking(5_000, 0))).toBe("");
  });
});
