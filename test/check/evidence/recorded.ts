/** Right histories for judges: our scheduler, simulated, and recorded as a run on a real Redis would be. */
import { boundsOf } from "../../../scenarios/declare/bounds.ts";
import { findScenario } from "../../../scenarios/registry.ts";
import type { Trial } from "../../../src/check/judgement.ts";
import { termsOf } from "../../../src/inject/declared/terms.ts";
import type { createScheduler } from "../../../src/scheduler/scheduler.ts";
import { planOf } from "../../../src/simulate/plan/plan.ts";
import { runPlan } from "../../../src/simulate/run/run.ts";
import { Record } from "../../../src/simulate/trace/record.ts";

const hears = [
  ...(["returned", "sent", "settled", "stepped", "fault", "withheld"] as const),
  ...(["scheduler", "orphans_reported", "sighted", "truth", "phase", "instance", "lost"] as const),
];

const made = new Map<string, Promise<Trial>>();

/** The same one for all who ask. */
export function recorded(name: string, seed = 1): Promise<Trial> {
  const key = `${name} ${seed}`;
  const known = made.get(key) ?? recordOf(name, { seed });
  made.set(key, known);
  return known;
}

interface Recording {
  readonly seed?: number;
  /** A wrong one; ours where it is absent. */
  readonly createScheduler?: typeof createScheduler;
}

export async function recordOf(name: string, { createScheduler, seed = 1 }: Recording): Promise<Trial> {
  const declared = findScenario(name);
  if (declared === undefined) throw new Error(`no scenario ${name}`);
  const plan = planOf(declared, seed);
  const { instances, partitions } = plan.scenario.topology;
  const taken = new Record(instances, partitions);
  const listeners = [{ hears, on: (event: Parameters<Record["on"]>[0]) => taken.on(event) }];
  await runPlan({ plan, properties: [], listeners, ...(createScheduler === undefined ? {} : { createScheduler }) });
  return taken.trial(boundsOf(plan.scenario), termsOf(plan.scenario));
}
