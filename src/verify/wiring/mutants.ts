/** All mutants, by what they change; each with the layers that have to catch it. */

import { benchMutants } from "../../../scenarios/mutants/bench.ts";
import { instanceMutants } from "../../../scenarios/mutants/instances.ts";
import { judgeMutants } from "../../../scenarios/mutants/judges.ts";
import { modelMutants } from "../../../scenarios/mutants/model.ts";
import type { RedisMutant } from "../../../scenarios/mutants/redis/mutant.ts";
import { redisMutants } from "../../../scenarios/mutants/redis/registry.ts";
import { schedulerMutants } from "../../../scenarios/mutants/scheduler/registry.ts";
import { scriptMutants } from "../../../scenarios/mutants/scripts/registry.ts";
import type { Layers, Mutant } from "../layers.ts";

const ofDesign = modelMutants.map(
  ({ id, why, property, scope }): Mutant => ({
    id,
    part: "design",
    layer: "explore",
    origin: why,
    property,
    scope,
  }),
);

const ofScripts = scriptMutants.map(
  ({ id, why, property, style }): Mutant => ({
    id,
    part: "scripts",
    layer: "conform",
    origin: why,
    property,
    concurrent: style === "concurrent",
  }),
);

const ofScheduler = schedulerMutants.flatMap(({ id, origin, property, scenario, simulated }): readonly Mutant[] => {
  const bug = { id, part: "scheduler", origin, property } as const;
  return [
    ...(simulated === null ? [] : [{ ...bug, layer: "simulate", scenario: simulated } as const]),
    ...(scenario === undefined ? [] : [{ ...bug, layer: "inject", scenario } as const]),
  ];
});

/** Those that a check of the contract shows. */
const ofContract = (mutants: readonly RedisMutant[], part: "redis" | "scheduler"): readonly Mutant[] =>
  mutants.map(({ check, id, origin, property }) => ({
    ...{ id, part, origin, property },
    layer: "inject",
    scenario: `contract-${check}`,
  }));

const ofBench = benchMutants.map(
  ({ id, row, why, property }): Mutant => ({
    id,
    part: "scheduler",
    layer: "bench",
    origin: why,
    scenario: row,
    property,
  }),
);

const ofJudges = judgeMutants.map(
  ({ id, why, property }): Mutant => ({
    id,
    part: "judges",
    layer: "check",
    origin: why,
    property,
  }),
);

export const mutants: Pick<Layers, "mutants" | "unseen" | "canaries"> = {
  mutants: [
    ...ofDesign,
    ...ofScripts,
    ...ofScheduler,
    ...ofContract(instanceMutants, "scheduler"),
    ...ofContract(redisMutants, "redis"),
    ...ofBench,
    ...ofJudges,
  ],
  unseen: Object.fromEntries(
    schedulerMutants.flatMap(({ id, unseen }) => (unseen === undefined ? [] : [[`scheduler ${id}`, unseen]])),
  ),
  // Each is found within the first runs, and in little time.
  canaries: [
    { layer: "conform", id: "capacity-checked-after" },
    { layer: "explore", id: "epoch-reused" },
    { layer: "simulate", id: "no-read-deadline" },
    { layer: "inject", id: "no-miss-mark" },
  ],
};
