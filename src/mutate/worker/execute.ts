/** Makes one run of the gate, with the layers of the copy in which this file lies. */
import type { PropertyId } from "../../check/properties.ts";
import type { LayerEvidence } from "../../evidence/evidence.ts";
import type { Request, RunResult } from "./messages.ts";

/** Tests run in processes of their own, and report themselves what they have reached. */
type Found = RunResult & { readonly reached?: readonly number[] };
type Wanted = Pick<Request, "run" | "edit" | "redisServer" | "isCovered">;

/** Loads what simulated runs and checks of the contract use, so that code which runs only while it is loaded is known. */
export async function loadParts(): Promise<void> {
  await Promise.all([
    import("../../simulate/run/run.ts"),
    import("../../redis/store.ts"),
    import("../../redis/feed.ts"),
  ]);
}

/** @throws whatever the layer throws: then the run could not be judged */
export async function execute({ edit, isCovered, redisServer, run }: Wanted): Promise<Found> {
  const shared = { signal: never, ...(redisServer !== null && { redisServer }) };
  switch (run.kind) {
    case "simulate":
      return simulated(run.scenario, run.seed);
    case "conform": {
      const { conformed } = await import("./conformed.ts");
      return conformed(run, edit, redisServer);
    }
    case "contract": {
      const { runContracts } = await import("../../inject/contract/run-all.ts");
      const { contractChecks } = await import("../../inject/contract/registry.ts");
      const { instanceChecks } = await import("../../inject/contract/instance/registry.ts");
      const { ofInstance } = await import("../gate/runs.ts");
      const ofOne = contractChecks.filter(({ id }) => id === run.check);
      const checks = run.check === ofInstance.id ? instanceChecks : ofOne;
      return outcomeOf(await runContracts({ ...shared, seed: run.seed, checks }));
    }
    case "lockstep": {
      const { runLockstep } = await import("../../lockstep/run.ts");
      const seeds = { from: run.seed, to: run.seed };
      const now = (): number => performance.now();
      return outcomeOf(await runLockstep({ ...shared, scenario: run.scenario, seeds, now }));
    }
    case "inject": {
      const { runInject } = await import("../../inject/run.ts");
      return outcomeOf(await runInject({ ...shared, scenario: run.scenario, seed: run.seed }));
    }
    case "tests": {
      const { tested } = await import("./tested.ts");
      return tested(run.files, isCovered);
    }
  }
}

/** The process is killed instead. */
const never = new AbortController().signal;

async function simulated(name: string, seed: number): Promise<RunResult> {
  const { scenarioNamed } = await import("../../simulate/batch/batch.ts");
  const { planOf } = await import("../../simulate/plan/plan.ts");
  const { runPlan } = await import("../../simulate/run/run.ts");
  const { tokenOf } = await import("../../simulate/run/token.ts");
  const scenario = scenarioNamed(name);
  const { Successes } = await import("../../simulate/batch/successes.ts");
  const successes = new Successes(scenario.load);
  const { broken, events, hash, judgements } = await runPlan({ plan: planOf(scenario, seed), listeners: [successes] });
  successes.keepRun();
  const violated = judgements.find(({ verdict }) => verdict === "violated");
  const verdict = violated !== undefined ? "violated" : broken !== null ? "broken" : "held";
  return {
    verdict,
    property: violated?.property ?? null,
    reason: violated?.violations[0]?.[0] ?? broken,
    token: verdict === "held" ? null : tokenOf({ scenario, seed }),
    cost: events,
    met: [...judgements.filter(({ exercised }) => exercised > 0).map((one) => one.property), ...successes.met],
    trace: hash,
  };
}

/** A property that was not exercised is open: with a mutant as without it, another run may exercise it. */
function outcomeOf({ properties, reason, runs, verdict, violations }: LayerEvidence): RunResult {
  const [violation] = violations;
  const property: PropertyId | null = violation?.property ?? null;
  const known = verdict === "violated" || verdict === "broken" || verdict === "held" ? verdict : "open";
  return {
    verdict: known,
    property,
    reason: violation?.story[0] ?? reason ?? null,
    token: violation?.token ?? null,
    cost: runs,
    met: properties.filter(({ exercised }) => exercised > 0).map(({ id }) => id),
    trace: null,
  };
}
