import { now } from "../clock.ts";
import type { Layers } from "../layers.ts";

export const checkLayer: Pick<Layers, "checkFile" | "runPlantedJudges"> = {
  async checkFile(options) {
    const { checkInThread } = await import("../checking.ts");
    return checkInThread(options);
  },
  async runPlantedJudges(mutant) {
    const { runPlantedJudges } = await import("../../history/planted-judges.ts");
    return runPlantedJudges(mutant, now);
  },
};
