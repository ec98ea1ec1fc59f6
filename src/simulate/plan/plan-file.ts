/**
 * An explicit plan as data: in a token, beside a report, or as a regression. Reading one checks it as a declaration is checked.
 */
import { z } from "zod";
import { ScenarioError } from "../../../scenarios/declare/error.ts";
import { faultSchema } from "../../../scenarios/declare/fault-kinds.ts";
import { type PropertyId, propertyIds } from "../../check/properties.ts";
import { UsageError } from "../../evidence/failure.ts";
import { SettingsError } from "../../scheduler/errors.ts";
import { resolveSettings } from "../../scheduler/settings.ts";
import type { Draw } from "../world/streams.ts";
import { actionSchema } from "./action-schema.ts";
import type { Plan } from "./plan.ts";
import { planScenario } from "./plan-edit.ts";
import { checkPlanSize } from "./plan-limits.ts";

const duration = z.number().nonnegative();
const count = z.int().nonnegative();
const within = z.strictObject({ within: duration });

const planSchema = z.strictObject({
  form: z.literal("lockproof-plan/1"),
  /** The scenario that it was made from. */
  scenario: z.string(),
  why: z.string(),
  /** The property that is judged. */
  property: z.enum(propertyIds),
  topology: z.strictObject({
    instances: z.int().positive(),
    nodes: z.int().positive(),
    maxJobsPerNode: z.int().positive(),
    maxJobsOnReturn: z.int().positive().exactOptional(),
    partitions: z.int().positive(),
    feedMax: z.int().positive(),
    /** Absent: as a declaration has them by default. */
    pools: z.int().positive().exactOptional(),
    languages: z.int().positive().exactOptional(),
    services: z.int().positive().exactOptional(),
  }),
  settings: z.record(z.string(), z.number()),
  network: z.tuple([duration, duration]),
  eventually: z.partialRecord(z.enum(["V3", "D3"]), within),
  staleness: duration.positive(),
  duration: duration.positive(),
  actions: z.array(actionSchema),
  faults: z.array(faultSchema),
  /** The draws that are not plain (src/simulate/world/streams.ts). */
  draws: z.array(z.strictObject({ stream: z.string(), nth: count, value: z.int().nonnegative().max(0xffffffff) })),
});

export type PlanFile = z.infer<typeof planSchema>;

/** A plan with all its draws listed, so that it needs no seed. */
export interface ExplicitPlan extends Plan {
  readonly draws: readonly Draw[];
}

/**
 * The same run, of which only the property is judged. Its scenario lacks load, nemesis and swarm, which are written out in the plan.
 * @throws ScenarioError where the declaration does not allow what the plan does
 */
export function framed({ actions, draws, faults, reseeded, scenario: from, seed }: Plan, property: PropertyId): Plan {
  const { duration: length, eventually, name, network, settings, staleness, topology, why } = from;
  const parts = { name, why, topology, settings, network, staleness, eventually };
  const declared = planScenario({ ...parts, always: [property], duration: length, faults: [...faults] });
  return { scenario: declared, actions, faults: declared.faults, seed, draws, reseeded };
}

export function planFileOf({ actions, draws, faults, scenario: of }: ExplicitPlan, property: PropertyId): PlanFile {
  const { duration: length, eventually, name, network, settings, staleness, topology, why } = of;
  const { feedMax, instances, languages, maxJobsOnReturn, maxJobsPerNode, nodes, partitions, pools, services } =
    topology;
  const onReturn = maxJobsOnReturn === undefined ? {} : { maxJobsOnReturn };
  return planSchema.parse({
    form: "lockproof-plan/1",
    ...{ scenario: name, why, property, settings, network, eventually, staleness, duration: length },
    topology: { instances, nodes, maxJobsPerNode, ...onReturn, partitions, feedMax, pools, languages, services },
    ...{ actions, faults, draws },
  });
}

/** @param where the file or the token that contains it
 * @throws UsageError naming the first place that is not a plan's or is too large, or saying what no declaration allows
 */
export function readPlan(written: unknown, where: string): { plan: ExplicitPlan; property: PropertyId } {
  const parsed = planSchema.safeParse(written);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(`not a plan of the form lockproof-plan/1: ${issue?.message ?? "it is something else"}`, {
      where: `${where}: ${issue?.path.join(".") ?? "plan"}`,
      fix: "use a plan as lockproof has written it, in the checkout that wrote it",
    });
  }
  checkPlanSize(parsed.data, where);
  const { actions, draws, faults, property, scenario: name, ...rest } = parsed.data;
  const { duration: length, eventually, network, settings, staleness, topology, why } = rest;
  const parts = { name, why, topology, settings, network, staleness, eventually };
  checkActions(actions, topology.instances, where);
  try {
    resolveSettings({ ...settings, partitions: topology.partitions });
    const declared = planScenario({ ...parts, always: [property], duration: length, faults });
    return { plan: { scenario: declared, actions, faults: declared.faults, seed: 0, draws }, property };
  } catch (error) {
    if (!(error instanceof ScenarioError || error instanceof SettingsError)) throw error;
    const found = error instanceof ScenarioError ? error.found : error.message;
    throw new UsageError(found, { where, fix: "change the plan so that a scenario could say it too" }, error);
  }
}

function checkActions(actions: Plan["actions"], instances: number, where: string): void {
  const stray = actions.findIndex((action) => action.instance >= instances);
  if (stray < 0) return;
  throw new UsageError(`an action on instance ${actions[stray]?.instance}, allowed 0 to ${instances - 1}`, {
    where: `${where}: actions.${stray}`,
    fix: "name an instance of the plan's topology",
  });
}
