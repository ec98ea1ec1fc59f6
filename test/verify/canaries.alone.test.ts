// @module-tag slow
/** The canaries of a verify, as it runs them: each layer kills its own. */
import { describe, expect, it } from "vitest";
import { planCanaries } from "../../src/verify/canaries.ts";
import type { Layers } from "../../src/verify/layers.ts";
import { loadLayers } from "../../src/verify/wiring.ts";

const layers: Layers = loadLayers();
const gateLayers = ["explore", "conform", "simulate", "inject", "bench"];
const canaries = (chosen: readonly string[]) => planCanaries({ runs: 200, chosen }, layers, () => {});
const all = canaries(gateLayers);

describe("the canaries", () => {
  it("are of the layers that run, and never none", () => {
    expect(all.map(({ mutant }) => mutant.layer)).toEqual(["conform", "explore", "simulate", "inject"]);
    expect(canaries(["simulate"]).map(({ mutant }) => mutant.layer)).toEqual(["simulate"]);
    expect(canaries(["bench"]).map(({ mutant }) => mutant.layer)).toEqual(["conform"]);
  });

  it.each(all)("$mutant.layer kills $mutant.id", async ({ run }) => {
    const { evidence, reason } = await run(3, new AbortController().signal);
    expect({ verdict: evidence.verdict, reason }).toEqual({ verdict: "killed", reason: null });
  });
});
