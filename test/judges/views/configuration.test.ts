import { describe, expect, it } from "vitest";
import { judgeConfiguration } from "../../../src/judges/views/configuration.ts";
import { configOf } from "../../../src/load/plan/configuration.ts";
import { namesOf } from "../../../src/load/plan/names.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { Stage } from "../../simulate/judges/stage.ts";

const names = namesOf({ pools: 2, languages: 2, services: 2 });
const stored = { ...configOf({ enabled: true, hashSeed: 1 }, names), version: { epoch: "e1", sequence: 1 } };

/** What is found after the load has ended, or before. */
function found(shown: typeof stored | null, inStore: typeof stored | null = stored, isQuiet = true) {
  const stage = new Stage(inSimulation(judgeConfiguration));
  if (isQuiet) stage.phase(100, "quiet");
  const place = { kind: "sighted", at: 200, instance: 0, mode: "normal", views: [], nodes: [] } as const;
  stage.hear({ ...place, config: { shown, stored: inStore } });
  return stage.finish();
}

describe("S4", () => {
  it("holds where the stored one is in force", () => {
    expect(found({ ...stored })).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("is not exercised where none is stored, or before everything is at rest", () => {
    expect(found(null, null).verdict).toBe("not_exercised");
    expect(found(null, stored, false).verdict).toBe("not_exercised");
  });

  it.each([
    [
      "another is",
      found({ ...stored, enabled: false }),
      /^instance 0 has configuration .*"enabled":false.*, and the store has configuration .*"enabled":true/,
    ],
    ["none is", found(null), /^instance 0 has no configuration, and the store has configuration/],
    ["one is that is not stored", found(stored, null), /and the store has no configuration/],
  ])("is violated where %s", (_, { verdict, violations }, story) => {
    expect(verdict).toBe("violated");
    expect(violations[0]?.[0]).toMatch(story);
  });
});
