import { scriptMutants } from "../../../scenarios/mutants/scripts.ts";
import { now } from "../clock.ts";
import type { Layers } from "../layers.ts";

export const lockstepLayer: Pick<Layers, "runTwoWorlds"> = {
  async runTwoWorlds({ mutant, ...options }) {
    const { runTwoWorlds } = await import("../../lockstep/run.ts");
    const isScript = scriptMutants.some(({ id }) => id === mutant);
    if (mutant === undefined || isScript) return runTwoWorlds({ ...options, now, ...(mutant && { mutant }) });
    const { findPlanted, loadScheduler } = await import("../../mutants/schedulers.ts");
    using loaded = await loadScheduler(findPlanted(mutant));
    return await runTwoWorlds({ ...options, now, createScheduler: loaded.createScheduler });
  },
};
