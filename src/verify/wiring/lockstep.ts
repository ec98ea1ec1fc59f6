import { scriptMutants } from "../../../scenarios/mutants/scripts/registry.ts";
import { now } from "../clock.ts";
import type { Layers } from "../layers.ts";

export const lockstepLayer: Pick<Layers, "runLockstep"> = {
  async runLockstep({ mutant, ...options }) {
    const { runLockstep } = await import("../../lockstep/run.ts");
    const isScript = scriptMutants.some(({ id }) => id === mutant);
    if (mutant === undefined || isScript) return runLockstep({ ...options, now, ...(mutant && { mutant }) });
    const { findSchedulerMutant, loadScheduler } = await import("../../mutants/schedulers.ts");
    using loaded = await loadScheduler(findSchedulerMutant(mutant));
    return await runLockstep({ ...options, now, createScheduler: loaded.createScheduler });
  },
};
