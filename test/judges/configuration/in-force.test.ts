import { describe, expect, it } from "vitest";
import type { Configuration, Version } from "../../../src/check/history.ts";
import { judgeConfiguration } from "../../../src/judges/configuration/in-force.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { Stage } from "../../simulate/judges/stage.ts";

const content: Configuration = { enabled: true, hash_seed: 1, fallback_scan_all_pools: true, pools: [] };
const invented = { epoch: "00000000000000ff", sequence: 3 };

function staged(): Stage {
  const stage = new Stage(inSimulation(judgeConfiguration));
  stage.mode(0, "local_only", "normal");
  return stage;
}

function withContent(version: Version, enabled = true) {
  return { ...content, enabled, version, pool_count: 0, pools: [] };
}

/** Instance 0 is looked at. */
function look(stage: Stage, shown: ReturnType<typeof withContent> | null, stored: typeof shown) {
  const place = { kind: "sighted", at: 900, instance: 0, mode: "normal", views: [], nodes: [] } as const;
  stage.hear({ ...place, config: { shown, stored } });
  const { exercised, verdict, violations } = stage.finish();
  return { exercised, verdict, found: violations.map(([first]) => first) };
}

describe("S4, once everything is at rest", () => {
  /** One configuration is stored and taken over. */
  function rested(): { stage: Stage; version: Version } {
    const stage = staged();
    const version = stage.store(10, content);
    stage.take(20, version);
    stage.phase(100, "quiet");
    return { stage, version };
  }

  it("holds where the stored one is in force", () => {
    const { stage, version } = rested();
    expect(look(stage, withContent(version), withContent(version))).toEqual({
      ...{ exercised: 1, verdict: "held", found: [] },
    });
  });

  it("is not exercised where none is stored, or before that", () => {
    const none = staged();
    none.phase(100, "quiet");
    expect(look(none, null, null).verdict).toBe("not_exercised");
    const early = staged();
    const version = early.store(10, content);
    early.take(20, version);
    expect(look(early, withContent(version), withContent(version)).verdict).toBe("not_exercised");
  });

  it.each([
    ["another is", (version: Version) => [withContent(version, false), withContent(version)] as const],
    ["none is", (version: Version) => [null, withContent(version)] as const],
    ["one is that is not stored", (version: Version) => [withContent(version), null] as const],
  ])("is violated where %s", (_, configurations) => {
    const { stage, version } = rested();
    const [shown, stored] = configurations(version);
    expect(look(stage, shown, stored).found.at(-1)).toMatch(/^instance 0 has .*, and the store has/);
  });

  it("is violated where it has another than it says", () => {
    const { stage, version } = rested();
    stage.take(110, null);
    const { found } = look(stage, withContent(version), withContent(version));
    expect(found).toEqual([expect.stringMatching(/^instance 0 has configuration .*, and said that it has none/)]);
  });
});

describe("S4, while nothing is done to an instance", () => {
  const found = (stage: Stage) => stage.finish().violations.map(([first]) => first);

  it("is violated by one that was never stored", () => {
    const stage = staged();
    stage.take(20, invented);
    expect(found(stage)).toEqual([
      "instance 0 has configuration 00000000000000ff:3 in force, which was never stored, allowed only what is",
    ]);
  });

  it.each([
    [310, 0],
    [311, 1],
  ])("is taken over within the bound: at %s ms are %s late", (at, late) => {
    const stage = staged();
    stage.take(at, stage.store(10, content));
    expect(found(stage)).toHaveLength(late);
    expect(stage.finish().measures).toContainEqual({ name: "configurations_taken_over", value: 1 });
  });

  it("is violated where it is never taken over", () => {
    const stage = staged();
    stage.store(10, content);
    stage.called(310, "get_node");
    expect(found(stage)).toEqual([]);
    stage.called(311, "get_node");
    expect(found(stage)).toEqual([
      expect.stringMatching(/^instance 0 did not have configuration .* in force for 301 ms after it had been stored/),
    ]);
  });

  it.each<readonly [string, (stage: Stage) => void]>([
    ["a fault is in force", (stage) => stage.fault(50, "inject")],
    [
      "a fault was in force",
      (stage) => {
        stage.fault(5, "inject");
        stage.fault(50, "heal");
      },
    ],
    ["it is degraded", (stage) => stage.mode(50, "normal", "l2_only")],
    [
      "it has a new life",
      (stage) => {
        stage.instance(50, "crashed");
        stage.instance(60, "started");
      },
    ],
    ["another has been stored", (stage) => stage.store(300, { ...content, hash_seed: 2 })],
    ["it is paused", (stage) => stage.instance(50, "paused")],
  ])("claims nothing where %s", (_, happen) => {
    const stage = staged();
    stage.store(10, content);
    happen(stage);
    stage.called(400, "get_node");
    expect(found(stage)).toEqual([]);
  });
});
