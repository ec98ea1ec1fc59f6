import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { now } from "../clock.ts";
import type { Layers } from "../layers.ts";

export const benchLayer: Pick<Layers, "runBench" | "benchRows"> = {
  async runBench({ mutant, rows, ...options }) {
    const { claimIds } = await import("../../bench/claims.ts");
    const { runBench } = await import("../../bench/run.ts");
    const { findBenchMutant } = await import("../../bench/mutants.ts");
    const planted = mutant === undefined ? undefined : findBenchMutant(mutant);
    const chosen = rows && claimIds.filter((id) => rows.includes(id));
    return runBench({ ...options, ...withoutUndefined({ rows: chosen, mutant: planted }), now });
  },
  async benchRows() {
    const { claimIds } = await import("../../bench/claims.ts");
    return claimIds;
  },
};
