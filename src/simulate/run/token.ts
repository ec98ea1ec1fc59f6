/** The token of a run: the scenario's name, a fingerprint of its declaration, so that a later edit is noticed, and the seed. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import type { PropertyId } from "../../check/properties.ts";
import { UsageError } from "../../evidence/failure.ts";
import { encodeToken, type ReplayToken } from "../../evidence/token.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import type { ModuleIdentity } from "../elsewhere/scheduler-module.ts";
import { type Branch, type Recipe, recipeSchema } from "../plan/branch.ts";
import { type ExplicitPlan, planFileOf } from "../plan/plan-file.ts";

/** The fingerprint of a whole declaration, independent of the order of its fields. */
export function fingerprintOf(scenario: Scenario): string {
  return createHash("sha256").update(canonical(scenario)).digest("hex").slice(0, 12);
}

export interface TokenOf {
  readonly scenario: Scenario;
  readonly seed: number;
  /** Where the run is a branch of the seed's. */
  readonly branches?: readonly Branch[];
  /** The mutant that ran. */
  readonly mutant?: string | undefined;
  /** The scheduler that was written elsewhere and ran. */
  readonly scheduler?: ModuleIdentity | undefined;
  /** Computing took virtual time. */
  readonly isCharged?: boolean;
}

export function tokenOf({ branches = [], isCharged = false, mutant, scenario, scheduler, seed }: TokenOf): string {
  const declaration = fingerprintOf(scenario);
  const options = {
    declaration,
    ...(isCharged ? { charged: true } : {}),
    ...(branches.length > 0 ? { branches } : {}),
    ...(scheduler === undefined ? {} : { scheduler: namedOf(scheduler) }),
  };
  return encodeToken(withoutUndefined({ subject: scenario.name, seed, layer: "simulate", options, mutant }));
}

/** The seed of the run, and the branches that it took. @throws UsageError for what are none */
export function recipeOf({ options, seed }: Pick<ReplayToken, "options" | "seed">): Recipe {
  const parsed = recipeSchema.safeParse({ seed, branches: options?.["branches"] ?? [] });
  if (parsed.success) return parsed.data;
  throw new UsageError(
    `found branches that are none: ${parsed.error.issues[0]?.message ?? "they are something else"}`,
    {
      where: "token: branches",
      fix: "replay it in the checkout that printed it",
    },
  );
}

/** Whether computing took virtual time in the run. */
export function isChargedToken({ options }: Pick<ReplayToken, "options">): boolean {
  return options?.["charged"] === true;
}

function namedOf({ hash, name }: ModuleIdentity): ModuleIdentity {
  return { name, hash };
}

const identitySchema = z.object({ name: z.string(), hash: z.string() });

/** The scheduler that was written elsewhere and ran; undefined: ours did, or a mutant of it. */
export function schedulerIn({ options }: Pick<ReplayToken, "options">): ModuleIdentity | undefined {
  return identitySchema.optional().safeParse(options?.["scheduler"]).data;
}

/** The token of an explicit plan: it has no seed, and no declaration that could be edited. */
export function planTokenOf({
  mutant,
  plan,
  property,
  scheduler,
}: {
  readonly plan: ExplicitPlan;
  readonly property: PropertyId;
  readonly mutant?: string | undefined;
  readonly scheduler?: ModuleIdentity | undefined;
}): string {
  const written = planFileOf(plan, property);
  const options = scheduler && { scheduler: namedOf(scheduler) };
  return encodeToken(
    withoutUndefined({ subject: plan.scenario.name, seed: 0, layer: "simulate", plan: written, mutant, options }),
  );
}

/** @throws UsageError when the scenario says something else now: the same seed would be another run */
export function refuseEdited(token: ReplayToken, scenario: Scenario): void {
  const then = token.options?.["declaration"];
  const now = fingerprintOf(scenario);
  if (then === now) return;
  throw new UsageError(`scenario ${scenario.name} has been edited since: it was ${String(then)}, it is ${now}`, {
    where: "token: declaration",
    fix: "replay it in the checkout that printed it, or run the scenario again for a new token",
  });
}

/** Equal texts of equal values, whatever the order of their fields. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  const sorted = fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(",")}}`;
}
