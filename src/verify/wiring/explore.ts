import { now } from "../clock.ts";
import type { Layers } from "../layers.ts";

export const exploreLayer: Pick<Layers, "runExplore"> = {
  async runExplore(options) {
    const { runExplore } = await import("../../explore/run.ts");
    return runExplore({ ...options, now });
  },
};
