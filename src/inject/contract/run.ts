/**
 * Runs one check of the contract: on the unchanged code, and then, where one is given, on a mutant. A check that fails without the mutant too proves
 * nothing about it: then the run is broken.
 */
import { instanceMutants } from "../../../scenarios/mutants/instances.ts";
import type { RedisMutant } from "../../../scenarios/mutants/redis/mutant.ts";
import { redisMutants } from "../../../scenarios/mutants/redis/registry.ts";
import type { Millis } from "../../check/history.ts";
import type { Verdict } from "../../check/verdict.ts";
import type { LayerEvidence } from "../../evidence/evidence.ts";
import { messageOf, UsageError } from "../../evidence/failure.ts";
import { encodeToken } from "../../evidence/token.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { type Lab, openLab } from "../../lab/lab.ts";
import { loadRedis } from "../../mutants/redis-clients.ts";
import { loadScheduler } from "../../mutants/schedulers.ts";
import type { Found } from "./check.ts";
import { type InstanceCheck, performed } from "./instance/check.ts";
import { type AnyCheck, allChecks } from "./registry.ts";
import { checkOf, contractSubject } from "./subject.ts";
import { withWorld } from "./world.ts";

export interface ContractOptions {
  /** `contract-` and the id of a check. */
  readonly scenario: string;
  readonly seed: number;
  readonly redisServer?: string | undefined;
  readonly onProgress?: (text: string) => void;
  readonly mutant?: string | undefined;
}

export interface ContractEvidence extends LayerEvidence {
  readonly json: Readonly<Record<string, unknown>>;
}

/**
 * A mutant that cannot be judged is `broken`, which proves nothing: its text is missing, the check fails without it too, or cannot begin with it.
 * @throws UsageError for a check or a mutant that does not exist; any error that keeps the unchanged code from being checked
 */
export async function runContract(options: ContractOptions): Promise<ContractEvidence> {
  const { onProgress = () => {}, redisServer, scenario, seed } = options;
  const check = named(allChecks, checkOf(scenario), "check of the contract");
  const mutant = options.mutant === undefined ? null : named(mutantsOf(check), options.mutant, "mutant of the check");
  const token = encodeToken({ subject: scenario, seed, layer: "inject", ...withoutUndefined({ mutant: mutant?.id }) });
  const startedAt = performance.now();
  await using lab = await openLab({
    onProvide: (way) => onProgress(`no redis-server found: ${way}`),
    redisServer,
  });
  onProgress(`${check.id}: as it is`);
  const right = await runCheck(lab, check, null);
  const ended = (outcome: Outcome): ContractEvidence =>
    evidenceOf(check, token, performance.now() - startedAt, outcome);
  if (mutant === null) return ended(outcomeOf(right));
  if (verdictOf(right) !== "held")
    return ended({ verdict: "broken", found: nothing, reason: failsAnyway(check, right) });
  onProgress(`${check.id}: ${mutant.id}`);
  try {
    return ended(outcomeOf(await runCheck(lab, check, mutant)));
  } catch (error) {
    return ended({ verdict: "broken", found: nothing, reason: `${mutant.id} was not judged: ${messageOf(error)}` });
  }
}

/** @throws any error that keeps the check from running */
export async function checkAsItIs(lab: Lab, check: AnyCheck, seed: number): Promise<LayerEvidence> {
  const startedAt = performance.now();
  const token = encodeToken({ subject: contractSubject(check.id), seed, layer: "inject" });
  const found = await runCheck(lab, check, null);
  const { json: _, ...evidence } = evidenceOf(check, token, performance.now() - startedAt, outcomeOf(found));
  return evidence;
}

interface Outcome {
  readonly verdict: Verdict;
  readonly found: Found;
  readonly reason?: string;
}

const nothing: Found = { exercised: 0, violations: [] };

function evidenceOf(
  { claim, id, property }: AnyCheck,
  token: string,
  took: Millis,
  { found, reason, verdict }: Outcome,
): ContractEvidence {
  const duration_ms = Math.round(took);
  const why = withoutUndefined({ reason });
  const cause = found.open === undefined || verdict !== "unknown" ? {} : ({ cause: "machine_load" } as const);
  const place = { property, scenario: contractSubject(id), layer: "inject", token, files: [] } as const;
  return {
    ...{ name: "inject", verdict, runs: 1, duration_ms, mutants: [], series: [], faults: [] },
    ...{ ...why, ...cause },
    properties: [{ id: property, verdict, exercised: found.exercised, figures: [], tokens: [token], ...why, ...cause }],
    violations: found.violations.map((explanation) => ({ ...place, story: [...explanation, claim] })),
    json: { claim, exercised: found.exercised, violations: found.violations, duration_ms, token, ...why },
  };
}

/** Whether it is about an instance by itself, so that it needs no server. */
export function isOfInstance(check: AnyCheck): check is InstanceCheck {
  return "perform" in check;
}

function mutantsOf(check: AnyCheck): readonly RedisMutant[] {
  return isOfInstance(check) ? instanceMutants : redisMutants;
}

async function runCheck(lab: Lab, check: AnyCheck, mutant: RedisMutant | null): Promise<Found> {
  if (isOfInstance(check)) {
    using scheduler = await loadScheduler(mutant);
    return await performed(check, scheduler.createScheduler);
  }
  using loaded = await loadRedis(mutant);
  return await withWorld(lab, loaded.modules, check.run);
}

function outcomeOf(found: Found): Outcome {
  return { verdict: verdictOf(found), found, ...withoutUndefined({ reason: found.open }) };
}

function verdictOf({ exercised, open, violations }: Found): Verdict {
  if (violations.length > 0) return "violated";
  if (open !== undefined) return "unknown";
  return exercised === 0 ? "not_exercised" : "held";
}

function failsAnyway({ id }: AnyCheck, right: Found): string {
  const why = right.violations[0]?.[0] ?? right.open ?? "its premise was never met";
  return `${id} does not hold without the mutant either: ${why}`;
}

function named<Named extends { readonly id: string }>(all: readonly Named[], id: string, what: string): Named {
  const one = all.find((each) => each.id === id);
  if (one !== undefined) return one;
  throw new UsageError(`${what} ${JSON.stringify(id)}: there is none of that name`, {
    where: what,
    fix: `use one of ${all.map((each) => each.id).join(", ")}`,
  });
}
