import { now } from "../clock.ts";
import type { Layers } from "../layers.ts";

export const reproduceLayer: Pick<Layers, "reproduce"> = {
  async reproduce({ mutant, ...options }) {
    const { reproduce } = await import("../../reproduce/reproduce.ts");
    if (mutant === undefined) return reproduce({ ...options, now });
    const { findSchedulerMutant, loadScheduler } = await import("../../mutants/schedulers.ts");
    using loaded = await loadScheduler(findSchedulerMutant(mutant));
    return await reproduce({ ...options, now, mutant: { id: mutant, createScheduler: loaded.createScheduler } });
  },
};
