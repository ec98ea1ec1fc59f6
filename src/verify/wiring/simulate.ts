import { rareMutants } from "../../../scenarios/mutants/scheduler/rare.ts";
import { schedulerMutants } from "../../../scenarios/mutants/scheduler/registry.ts";
import { UsageError } from "../../evidence/failure.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import type { OtherScheduler, SimulateOptions } from "../../simulate/batch/options.ts";
import type { SchedulerModule } from "../../simulate/elsewhere/scheduler-module.ts";
import { now } from "../clock.ts";
import type { Layers } from "../layers.ts";

export const simulateLayer: Pick<
  Layers,
  | "runSimulate"
  | "simulateBeside"
  | "prepareGuided"
  | "rareMutants"
  | "huntSimulate"
  | "replaySimulate"
  | "runRegressions"
  | "simulatedNames"
> = {
  async runSimulate({ module, mutant, ...options }) {
    if (module !== undefined) return await withModule(module, options);
    const { runSimulate } = await import("../../simulate/batch/batch.ts");
    const isCharged = options.isCharged === true || isChargedMutant(mutant);
    if (mutant === undefined && !isCharged) return runSimulate({ ...options, now });
    using loaded = await loadFor(mutant, isCharged);
    const { createScheduler } = loaded;
    return await runSimulate({ ...options, isCharged, now, planted: { id: mutant ?? null, createScheduler } });
  },
  async simulateBeside(options) {
    const { simulateBeside } = await import("../threads/simulating.ts");
    return simulateBeside(options);
  },
  rareMutants: rareMutants.map(({ id }) => id),
  async prepareGuided({ corpus: path, mutant, ...options }) {
    if (isChargedMutant(mutant)) throw chargedWithGuided(mutant ?? "");
    const { openCorpusFolder } = await import("../../simulate/guided/corpus-folder.ts");
    const { scenarioNamed } = await import("../../simulate/batch/batch.ts");
    const scenario = scenarioNamed(options.scenario);
    const corpus = path === undefined ? undefined : openCorpusFolder(path, { ...options, scenario });
    return async (limit) => {
      const { runGuided } = await import("../../simulate/guided/guided.ts");
      const { withBlocks } = await import("../../simulate/guided/blocks.ts");
      const { findSchedulerMutant, loadScheduler } = await import("../../mutants/schedulers.ts");
      using loaded = await loadScheduler(mutant === undefined ? null : findSchedulerMutant(mutant), withBlocks);
      const planted = { id: mutant ?? null, createScheduler: loaded.createScheduler };
      return await runGuided({ ...options, ...limit, ...withoutUndefined({ corpus }), now, planted });
    };
  },
  async huntSimulate({ mutant, scenario, ...options }) {
    const { huntMutant } = await import("../../simulate/batch/hunt.ts");
    const { scenarioNamed } = await import("../../simulate/batch/batch.ts");
    const { findSchedulerMutant } = await import("../../mutants/schedulers.ts");
    const { id, isCharged = false, property } = findSchedulerMutant(mutant);
    using loaded = await loadFor(mutant, isCharged);
    using right = await loadFor(undefined, isCharged);
    const planted = { id, property, createScheduler: loaded.createScheduler };
    return await huntMutant({
      ...options,
      ...withoutUndefined({ charged: isCharged ? right : undefined }),
      scenario: scenarioNamed(scenario),
      planted,
      now,
    });
  },
  async replaySimulate({ module, ...options }) {
    const { replaySimulate } = await import("../../simulate/run/replay.ts");
    const { isChargedToken } = await import("../../simulate/run/token.ts");
    const { mutant } = options.token;
    const isCharged = isChargedToken(options.token);
    if (module !== undefined) return await replaySimulate({ ...options, now, planted: schedulerFrom(module) });
    if (mutant === undefined && !isCharged) return replaySimulate({ ...options, now });
    using loaded = await loadFor(mutant, isCharged);
    const { createScheduler } = loaded;
    return await replaySimulate({ ...options, now, planted: { id: mutant ?? null, createScheduler } });
  },
  async runRegressions(options) {
    const { runRegressions } = await import("../../simulate/run/regressions.ts");
    return runRegressions({ ...options, now });
  },
  async simulatedNames() {
    const { simulatedNames } = await import("../../simulate/batch/batch.ts");
    return simulatedNames();
  },
};

export function schedulerFrom({ createScheduler, hash, name }: SchedulerModule): OtherScheduler {
  return { id: null, createScheduler, module: { name, hash } };
}

async function withModule(module: SchedulerModule, options: Omit<SimulateOptions, "now" | "planted">) {
  const { runSimulate } = await import("../../simulate/batch/batch.ts");
  return await runSimulate({ ...options, now, planted: schedulerFrom(module) });
}

function chargedWithGuided(mutant: string): UsageError {
  return new UsageError(`mutant ${mutant} shows only where computing takes virtual time; --guided charges nothing`, {
    where: "--mutant",
    fix: "leave out --guided, or name another mutant",
  });
}

function isChargedMutant(id: string | undefined): boolean {
  return schedulerMutants.some((one) => one.id === id && one.isCharged === true);
}

/** A scheduler for the simulator: a mutant, or the right one. In a charged run its code counts what it computes. */
export async function loadFor(mutant: string | undefined, isCharged: boolean) {
  const { findSchedulerMutant, loadScheduler } = await import("../../mutants/schedulers.ts");
  const found = mutant === undefined ? null : findSchedulerMutant(mutant);
  if (!isCharged) return loadScheduler(found);
  const { instrumented } = await import("../../simulate/cost/instrument.ts");
  return loadScheduler(found, instrumented);
}
