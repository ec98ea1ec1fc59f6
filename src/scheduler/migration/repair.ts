/** Computes the calls that make the other side agree with the leader about a node. Pure. */
import type { NodeOffer } from "../input.ts";
import { pairKey } from "../text.ts";
import type { JobState, Owed } from "./backlog.ts";
import { type Difference, hasSameOffer, nodeDifferences } from "./differences.ts";
import type { Lookup, NodeFacts, RegistryFailure } from "./registry.ts";

type Known = Exclude<Lookup, RegistryFailure>;

export type Step =
  | { readonly kind: "offline" }
  | { readonly kind: "register"; readonly offer: NodeOffer }
  | { readonly kind: "job"; readonly job: string; readonly state: Exclude<JobState, "unknown"> };

export type Repair =
  | { readonly kind: "agreed" }
  /** Every step may be repeated. `target`: what the other side comes to, as text. */
  | { readonly kind: "steps"; readonly steps: readonly Step[]; readonly target: string }
  /** `offer_unknown`: the leader does not say all that a registration needs. */
  | { readonly kind: "impossible"; readonly because: "offer_unknown" | "jobs_not_named" | "differs_still" };

/** A target that was reached and did not help is tried this often, the last times by a new registration; then it is reported. */
const maxPasses = 4;

export function planRepair(owed: Owed, lead: Known, other: Known): Repair {
  const truth = lead.kind === "found" && lead.facts.online ? lead.facts : null;
  const held = other.kind === "found" && other.facts.online ? other.facts : null;
  if (truth === null) {
    return held === null ? { kind: "agreed" } : { kind: "steps", steps: [{ kind: "offline" }], target: "offline" };
  }
  const differences = nodeDifferences(owed.node, lead, other);
  const target = targetOf(owed, truth);
  const wasReached = owed.repaired === target;
  const agreed: Repair = isDoubtful(owed, truth, held)
    ? { kind: "impossible", because: "jobs_not_named" }
    : { kind: "agreed" };
  if (wasReached && differences.length === 0) return agreed;
  if (wasReached && owed.passes > maxPasses) return { kind: "impossible", because: lastly(truth, differences) };
  const anew = held === null || !hasSameOffer(truth, held) || (wasReached && truth.jobs !== null);
  const jobs = jobSteps(owed, truth, anew ? null : held);
  if (!anew) {
    if (jobs.length === 0 && differences.length === 0) return agreed;
    return { kind: "steps", steps: jobs, target };
  }
  const offer = offerOf(truth);
  if (offer === null) return { kind: "impossible", because: "offer_unknown" };
  return { kind: "steps", steps: [{ kind: "register", offer }, ...jobs], target };
}

/** Equal counts settle one job of unknown state; with two, each side may hold a different one. */
function isDoubtful(owed: Owed, truth: NodeFacts, held: NodeFacts | null): boolean {
  if (truth.jobs !== null || truth.current_jobs === 0) return false;
  const isCounted = truth.current_jobs !== null && typeof held?.current_jobs === "number";
  return recorded(owed, "unknown").length > (isCounted ? 1 : 0);
}

function lastly(truth: NodeFacts, differences: readonly Difference[]): "jobs_not_named" | "differs_still" {
  return truth.jobs === null && differences.every(({ kind }) => kind === "jobs") ? "jobs_not_named" : "differs_still";
}

/** Ends come first: they make room. */
function jobSteps(owed: Owed, truth: NodeFacts, held: NodeFacts | null): readonly Step[] {
  const wanted = truth.jobs ?? recorded(owed, "held");
  const isHeld = (job: string) => held?.jobs?.includes(job) ?? null;
  const ended = new Map<string, "completed" | "released">();
  for (const [job, { state }] of owed.jobs) {
    const isOver = truth.jobs === null ? state === "completed" || state === "released" : !truth.jobs.includes(job);
    if (isOver && isHeld(job) !== false) ended.set(job, state === "completed" ? "completed" : "released");
  }
  if (truth.jobs !== null) {
    for (const job of held?.jobs ?? []) if (!truth.jobs.includes(job) && !ended.has(job)) ended.set(job, "released");
  }
  const steps: Step[] = [...ended].map(([job, state]) => ({ kind: "job", job, state }));
  for (const job of wanted) if (isHeld(job) !== true) steps.push({ kind: "job", job, state: "held" });
  return steps;
}

function recorded(owed: Owed, wanted: JobState): readonly string[] {
  return [...owed.jobs].filter(([, { state }]) => state === wanted).map(([job]) => job);
}

function targetOf(owed: Owed, { max_jobs, jobs, pools, languages, services }: NodeFacts): string {
  const said = jobs === null ? [...owed.jobs].map(([job, { state }]) => [job, state]) : [...jobs].sort();
  return JSON.stringify([max_jobs, pools, languages?.map(pairKey), services, said]);
}

function offerOf({ node, max_jobs, pools, languages, services }: NodeFacts): NodeOffer | null {
  if (max_jobs === null || pools === null || languages === null || services === null) return null;
  return { node, max_jobs, pools, languages, services };
}
