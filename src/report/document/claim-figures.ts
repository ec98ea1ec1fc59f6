/** The figure of a claim: the number of counterexamples among the comparisons. */
import type { PropertyId } from "../../check/properties.ts";
import type { PropertyEvidence } from "../../evidence/evidence.ts";
import { numberText } from "../../evidence/words.ts";

interface Counted {
  /** The name of the counterexamples. */
  readonly wrong: string;
  /** The name of the comparisons. */
  readonly compared: string;
}

const counted: Record<PropertyId, Counted> = {
  J1: { wrong: "wrong_current_jobs", compared: "steps of a node's jobs compared" },
  J2: { wrong: "reservations_past_capacity", compared: "reservations of a full node compared" },
  J3: { wrong: "job_operations_applied_twice", compared: "repeated job operations compared" },
  J4: { wrong: "places_leaked", compared: "nodes without open jobs compared" },
  J5: { wrong: "leases_not_as_granted", compared: "ends of leases compared" },
  V1: { wrong: "versions_out_of_order", compared: "versions compared" },
  V2: { wrong: "answers_the_store_never_held", compared: "answers of caches compared" },
  V3: { wrong: "views_not_converged", compared: "views compared" },
  V4: { wrong: "gaps_not_repaired", compared: "gaps compared" },
  N1: { wrong: "newer_states_overwritten", compared: "late heartbeats compared" },
  N2: { wrong: "nodes_selected_after_they_went", compared: "nodes that went compared" },
  N3: { wrong: "nodes_not_visible", compared: "registrations compared" },
  S1: { wrong: "nodes_wrongly_selected", compared: "selected nodes compared" },
  S2: { wrong: "nodes_left_out", compared: "nodes looked for in answers" },
  S3: { wrong: "biased_choices", compared: "choices compared" },
  S4: { wrong: "configurations_not_in_force", compared: "configurations compared" },
  H1: { wrong: "scores_not_as_documented", compared: "heartbeats compared" },
  P1: { wrong: "reloads_without_cause", compared: "changes followed" },
  D4: { wrong: "acknowledged_writes_lost", compared: "acknowledged writes compared" },
  D5: { wrong: "modes_not_as_documented", compared: "answers and returns compared" },
  D6: { wrong: "writes_not_refused_truly", compared: "refused writes compared" },
  L1: { wrong: "calls_not_linearizable", compared: "calls judged" },
  F1: { wrong: "changes_out_of_order", compared: "changes delivered" },
  K1: { wrong: "keys_outside_the_declared_slot", compared: "commands checked" },
  K2: { wrong: "scripts_applied_twice", compared: "scripts run twice" },
  K7: { wrong: "scripts_apart_from_the_protocol", compared: "calls compared with the model" },
  K3: { wrong: "operations_past_their_deadline", compared: "operations timed" },
  K5: { wrong: "bounds_exceeded", compared: "refused calls compared" },
  M1: { wrong: "counters_apart_from_what_happened", compared: "counters compared" },
  K6: { wrong: "closes_that_left_something", compared: "closes compared" },
  K4: { wrong: "locks_found", compared: "commands watched" },
  D1: { wrong: "counterexamples", compared: "reads under faults judged" },
  D2: { wrong: "counterexamples", compared: "faults judged" },
  D3: { wrong: "counterexamples", compared: "healed faults judged" },
  N4: { wrong: "counterexamples", compared: "lifetimes of nodes judged" },
  O1: { wrong: "counterexamples", compared: "losses of jobs judged" },
  S5: { wrong: "counterexamples", compared: "requests of dispatches judged" },
  C1: { wrong: "counterexamples", compared: "expiries judged" },
  C2: { wrong: "counterexamples", compared: "lookups of missing nodes judged" },
  B1: { wrong: "counterexamples", compared: "heartbeats measured" },
  B2: { wrong: "counterexamples", compared: "selections measured" },
  B3: { wrong: "counterexamples", compared: "cold starts measured" },
};

export interface ClaimFigure {
  readonly name: string;
  readonly value: number;
  readonly of: string;
}

/**
 * @param violations of this property
 * @returns null where nothing was compared
 */
export function claimFigure(
  { exercised, id }: Pick<PropertyEvidence, "exercised" | "id">,
  violations: number,
): ClaimFigure | null {
  if (exercised === 0) return null;
  const { compared, wrong } = counted[id];
  return { name: wrong, value: violations, of: `${numberText(exercised)} ${compared}` };
}
