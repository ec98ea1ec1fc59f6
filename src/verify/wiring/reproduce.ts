import { now } from "../clock.ts";
import type { Layers } from "../layers.ts";

export const reproduceLayer: Pick<Layers, "lift"> = {
  async lift({ mutant, ...options }) {
    const { lift } = await import("../../reproduce/reproduce.ts");
    if (mutant === undefined) return lift({ ...options, now });
    const { findPlanted, loadScheduler } = await import("../../mutants/schedulers.ts");
    using loaded = await loadScheduler(findPlanted(mutant));
    return await lift({ ...options, now, planted: { id: mutant, createScheduler: loaded.createScheduler } });
  },
};
