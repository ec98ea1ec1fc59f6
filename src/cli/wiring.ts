/** Which rooms the commands call. Each is loaded when it is first used: `--help` costs nothing, and `conform` does not load the scheduler. */
import { plantedSchedulers } from "../../scenarios/mutants/scheduler/registry.ts";
import { scriptMutants } from "../../scenarios/mutants/scripts.ts";
import type { Layers } from "./layers.ts";

/** Breaks J2 in one edit, and within a few dozen commands: the bug that every verify must catch first. */
const canary = "capacity-checked-after";

export function loadLayers(): Layers {
  return {
    async runConform(options) {
      const { runConform } = await import("../conform/run.ts");
      return runConform({ ...options, now: () => performance.now() });
    },
    mutants: [
      ...scriptMutants.map(({ id, why, property, style }) => ({
        id,
        layer: "conform" as const,
        origin: why,
        property,
        ...(style === "concurrent" ? { concurrent: true } : {}),
      })),
      ...plantedSchedulers.map(({ id, origin, scenario, property }) => ({
        id,
        layer: "inject" as const,
        origin,
        scenario,
        property,
      })),
    ],
    canary,
    async runInject(options) {
      const { runInject } = await import("../inject/run.ts");
      return runInject(options);
    },
    async scenarioNames() {
      const { scenarios } = await import("../../scenarios/registry.ts");
      return scenarios.map((scenario) => scenario.name);
    },
    async runBench({ rows, ...options }) {
      const { claimIds } = await import("../bench/claims.ts");
      const { runBench } = await import("../bench/run.ts");
      const chosen = rows === undefined ? {} : { rows: claimIds.filter((id) => rows.includes(id)) };
      return runBench({ ...options, ...chosen, now: () => performance.now() });
    },
    async benchRows() {
      const { claimIds } = await import("../bench/claims.ts");
      return claimIds;
    },
    async examine(options) {
      const { examine } = await import("../lab/doctor.ts");
      return examine(options);
    },
  };
}
