import { now } from "../clock.ts";
import type { Layers } from "../layers.ts";

export const conformLayer: Pick<Layers, "runConform"> = {
  async runConform(options) {
    const { runConform } = await import("../../conform/run.ts");
    return runConform({ ...options, now });
  },
};
