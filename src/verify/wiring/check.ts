import { now } from "../clock.ts";
import type { Layers } from "../layers.ts";

export const checkLayer: Pick<Layers, "checkFile" | "runJudgeMutant"> = {
  async checkFile(options) {
    const { checkInThread } = await import("../threads/checking.ts");
    return checkInThread(options);
  },
  async runJudgeMutant(mutant) {
    const { runJudgeMutant } = await import("../../history/judge-mutants.ts");
    return runJudgeMutant(mutant, now);
  },
};
