/** Which rooms the commands call. Each is loaded when it is first used: `--help` costs nothing, and `conform` does not load the scheduler. */
import { designMutants } from "../../scenarios/mutants/designs.ts";
import { judgeMutants } from "../../scenarios/mutants/judges.ts";
import { plantedRedis } from "../../scenarios/mutants/redis/registry.ts";
import { plantedSchedulers } from "../../scenarios/mutants/scheduler/registry.ts";
import { scriptMutants } from "../../scenarios/mutants/scripts.ts";
import { now } from "./clock.ts";
import type { Layers } from "./layers.ts";

/** Breaks J2 in one edit, and within a few dozen commands: the bug that every verify must catch first. */
const canary = "capacity-checked-after";

export function loadLayers(): Layers {
  return {
    async runConform(options) {
      const { runConform } = await import("../conform/run.ts");
      return runConform({ ...options, now });
    },
    mutants: [
      ...designMutants.map(({ id, why, property, scope }) => ({
        id,
        plantedIn: "design" as const,
        layer: "explore" as const,
        origin: why,
        property,
        scope,
      })),
      ...scriptMutants.map(({ id, why, property, style }) => ({
        id,
        plantedIn: "scripts" as const,
        layer: "conform" as const,
        origin: why,
        property,
        ...(style === "concurrent" ? { concurrent: true } : {}),
      })),
      ...plantedSchedulers.flatMap(({ id, origin, property, scenario, simulated }) => {
        const bug = { id, plantedIn: "scheduler" as const, origin, property };
        return [
          ...(simulated === null ? [] : [{ ...bug, layer: "simulate" as const, scenario: simulated }]),
          ...(scenario === undefined ? [] : [{ ...bug, layer: "inject" as const, scenario }]),
        ];
      }),
      ...plantedRedis.map(({ check, id, origin, property }) => ({
        id,
        plantedIn: "redis" as const,
        layer: "inject" as const,
        origin,
        scenario: `contract-${check}`,
        property,
      })),
      ...judgeMutants.map(({ id, why, property }) => ({
        id,
        plantedIn: "judges" as const,
        layer: "check" as const,
        origin: why,
        property,
      })),
    ],
    unseen: Object.fromEntries(
      plantedSchedulers.flatMap(({ id, unseen }) => (unseen === undefined ? [] : [[`scheduler ${id}`, unseen]])),
    ),
    canary,
    async runExplore(options) {
      const { runExplore } = await import("../explore/run.ts");
      return runExplore({ ...options, now });
    },
    async runInject(options) {
      const { isContract, runContract } = await import("../inject/contract/run.ts");
      if (isContract(options.scenario)) return runContract(options);
      const { runInject } = await import("../inject/run.ts");
      return runInject(options);
    },
    async runContracts(options) {
      const { runContracts } = await import("../inject/contract/run-all.ts");
      return runContracts(options);
    },
    async checkFile(options) {
      const { checkInThread } = await import("./checking.ts");
      return checkInThread(options);
    },
    async runPlantedJudges(mutant) {
      const { runPlantedJudges } = await import("../history/planted-judges.ts");
      return runPlantedJudges(mutant, now);
    },
    async scenarioNames() {
      const { isReal, scenarios } = await import("../../scenarios/registry.ts");
      return scenarios.filter(isReal).map(({ name }) => name);
    },
    async gateScenarios(profile, redis) {
      const { isReal, scenarios } = await import("../../scenarios/registry.ts");
      const { canRunOn } = await import("../inject/availability.ts");
      const chosen = scenarios.filter(
        (scenario) => isReal(scenario) && (profile !== "quick" || scenario.gate === "quick"),
      );
      if (redis !== undefined)
        return chosen.filter((scenario) => canRunOn(scenario, redis)).map(({ name }) => ({ scenario: name, redis }));
      return chosen.flatMap(({ name, topology }) => [
        { scenario: name },
        ...(profile === "quick" ? [] : topology.also.map((also) => ({ scenario: name, redis: also }))),
      ]);
    },
    async lift({ mutant, ...options }) {
      const { lift } = await import("../reproduce/reproduce.ts");
      if (mutant === undefined) return lift({ ...options, now });
      const { findPlanted, loadScheduler } = await import("../mutants/schedulers.ts");
      using loaded = await loadScheduler(findPlanted(mutant));
      return await lift({ ...options, now, planted: { id: mutant, createScheduler: loaded.createScheduler } });
    },
    async runTwoWorlds({ mutant, ...options }) {
      const { runTwoWorlds } = await import("../lockstep/run.ts");
      const isScript = scriptMutants.some(({ id }) => id === mutant);
      if (mutant === undefined || isScript) return runTwoWorlds({ ...options, now, ...(mutant && { mutant }) });
      const { findPlanted, loadScheduler } = await import("../mutants/schedulers.ts");
      using loaded = await loadScheduler(findPlanted(mutant));
      return await runTwoWorlds({ ...options, now, createScheduler: loaded.createScheduler });
    },
    async runSimulate({ mutant, ...options }) {
      const { runSimulate } = await import("../simulate/batch/batch.ts");
      const isCharged = options.isCharged === true || isChargedMutant(mutant);
      if (mutant === undefined && !isCharged) return runSimulate({ ...options, now });
      using loaded = await loadFor(mutant, isCharged);
      const { createScheduler } = loaded;
      return await runSimulate({ ...options, isCharged, now, planted: { id: mutant ?? null, createScheduler } });
    },
    async huntSimulate({ mutant, scenario, ...options }) {
      const { huntPlanted } = await import("../simulate/batch/hunt.ts");
      const { scenarioNamed } = await import("../simulate/batch/batch.ts");
      const { findPlanted } = await import("../mutants/schedulers.ts");
      const { id, isCharged = false, property } = findPlanted(mutant);
      using loaded = await loadFor(mutant, isCharged);
      using right = await loadFor(undefined, isCharged);
      const planted = { id, property, createScheduler: loaded.createScheduler };
      return await huntPlanted({
        ...options,
        ...(isCharged ? { charged: right } : {}),
        scenario: scenarioNamed(scenario),
        planted,
        now,
      });
    },
    async replaySimulate(options) {
      const { replaySimulate } = await import("../simulate/run/replay.ts");
      const { isChargedToken } = await import("../simulate/run/token.ts");
      const { mutant } = options.token;
      const isCharged = isChargedToken(options.token);
      if (mutant === undefined && !isCharged) return replaySimulate({ ...options, now });
      using loaded = await loadFor(mutant, isCharged);
      const { createScheduler } = loaded;
      return await replaySimulate({ ...options, now, planted: { id: mutant ?? null, createScheduler } });
    },
    async runRegressions(options) {
      const { runRegressions } = await import("../simulate/run/regressions.ts");
      return runRegressions({ ...options, now });
    },
    async simulatedNames() {
      const { simulatedNames } = await import("../simulate/batch/batch.ts");
      return simulatedNames();
    },
    async runBench({ rows, ...options }) {
      const { claimIds } = await import("../bench/claims.ts");
      const { runBench } = await import("../bench/run.ts");
      const chosen = rows === undefined ? {} : { rows: claimIds.filter((id) => rows.includes(id)) };
      return runBench({ ...options, ...chosen, now });
    },
    async benchRows() {
      const { claimIds } = await import("../bench/claims.ts");
      return claimIds;
    },
    async examine(options) {
      const { examine } = await import("../lab/provide/doctor.ts");
      return examine(options);
    },
  };
}

function isChargedMutant(id: string | undefined): boolean {
  return plantedSchedulers.some((planted) => planted.id === id && planted.isCharged === true);
}

/** A scheduler for the simulator: the planted one, or the right one; where it is charged for, what it computes is counted. */
async function loadFor(mutant: string | undefined, isCharged: boolean) {
  const { findPlanted, loadScheduler } = await import("../mutants/schedulers.ts");
  const planted = mutant === undefined ? null : findPlanted(mutant);
  if (!isCharged) return loadScheduler(planted);
  const { instrumented } = await import("../simulate/cost/instrument.ts");
  return loadScheduler(planted, instrumented);
}
