/** The evidence of a run of the explorer, for the report. */
import type { Property, Scope } from "../../model/language/machine.ts";
import { joinVerdicts, type Verdict } from "../check/verdict.ts";
import type { ExploredModel, LayerEvidence, PropertyEvidence } from "../evidence/evidence.ts";
import { encodeToken } from "../evidence/token.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import { countText } from "../evidence/words.ts";
import type { Outcome } from "./outcome.ts";
import type { Counterexample } from "./properties/counterexample.ts";
import { knownId, refutationsOf, violationOf } from "./properties/refutation.ts";
import { scopeText, shortScope } from "./scope.ts";
import { stops } from "./search/control.ts";
import type { Subject } from "./search/job.ts";

interface ExploreJson {
  readonly model: string;
  readonly scope: Scope;
  readonly unique_states: number;
  readonly generated_states: number;
  readonly depth: number;
  readonly seconds: number;
  readonly verdict: Verdict;
  readonly symmetry: "on" | "off";
  /** Those that searched; fewer than were asked for where `threads_note` says why. */
  readonly threads: number;
  readonly threads_note: string | null;
  readonly mutant: string | null;
  readonly states_per_second: number;
  /** Memory of the states; the process and its threads take more, see memory.ts. */
  readonly states_mib: number;
  /** The length of the shortest counterexample found, its loop included; null: none. */
  readonly steps: number | null;
  readonly token: string;
  /** Claims of other scopes that this scope cannot judge. */
  readonly not_judged: readonly { readonly property: string; readonly claim: string; readonly reason: string }[];
}

export interface ExploreEvidence extends LayerEvidence {
  readonly json: ExploreJson;
  /** One for each violated property, in the order of the model. */
  readonly counterexamples: readonly Counterexample[];
}

export function evidenceOf(outcome: Outcome): ExploreEvidence {
  const { model, subject, found, seconds, threads } = outcome;
  const refutations = refutationsOf(outcome);
  const counterexamples = refutations.map(({ counterexample }) => counterexample);
  const scope = shortScope(model, subject.scope);
  const token = tokenOf(subject, scope);
  const properties = propertiesOf(outcome, counterexamples, token);
  const verdict = joinVerdicts(properties.map((each) => each.verdict));
  const { states: unique } = found;
  const lengths = counterexamples.map(({ steps, loop }) => steps.length + (loop?.length ?? 0));
  return {
    name: "explore",
    verdict,
    runs: 1,
    duration_ms: Math.round(seconds * 1000),
    properties,
    violations: refutations.map((each) => violationOf(outcome, each, token)),
    mutants: [],
    series: [],
    faults: [],
    ...withoutUndefined({ explored: exploredOf(outcome, scope), reason: reasonOf(outcome) }),
    counterexamples,
    json: {
      model: model.name,
      scope,
      unique_states: unique,
      generated_states: found.generated,
      depth: found.depth,
      seconds: Number(seconds.toFixed(3)),
      verdict,
      symmetry: subject.isSymmetric ? "on" : "off",
      threads,
      threads_note: outcome.threadsNote,
      mutant: subject.mutant,
      states_per_second: Math.round(unique / seconds),
      states_mib: Number((found.bytes / 2 ** 20).toFixed(1)),
      steps: lengths.length === 0 ? null : Math.min(...lengths),
      token,
      not_judged: (outcome.reference.machine.notJudged ?? []).map(({ id, claim, reason }) => ({
        property: id,
        claim,
        reason,
      })),
    },
  };
}

/** undefined: the levels are not known. */
function exploredOf({ found, isComplete, model }: Outcome, scope: Scope): readonly ExploredModel[] | undefined {
  if (found.levels.length === 0) return undefined;
  return [{ model: model.name, scope: scopeText(scope), levels: found.levels, complete: isComplete }];
}

/** Several properties of a model may have one id: that is held where all of them are. */
function propertiesOf(
  outcome: Outcome,
  counterexamples: readonly Counterexample[],
  token: string,
): readonly PropertyEvidence[] {
  const judged = outcome.reference.machine.properties.map((property, index) => ({
    id: knownId(outcome.model, property.id, property.claim),
    ...judge(outcome, property, index, counterexamples),
  }));
  return [...Map.groupBy(judged, ({ id }) => id)].map(([id, parts]): PropertyEvidence => {
    const verdict = joinVerdicts(parts.map((part) => part.verdict));
    const reason = parts.find((part) => part.verdict === verdict)?.reason;
    return {
      id,
      verdict,
      exercised: Math.max(verdict === "violated" ? 1 : 0, Math.min(...parts.map((part) => part.exercised))),
      figures: [],
      tokens: [token],
      ...withoutUndefined({ reason }),
    };
  });
}

interface Judgement {
  readonly verdict: Verdict;
  readonly exercised: number;
  readonly reason?: string;
}

function judge(
  outcome: Outcome,
  property: Property,
  index: number,
  counterexamples: readonly Counterexample[],
): Judgement {
  const { exercised: met = 0, first = -1 } = outcome.found.tallies[index] ?? {};
  const { kind, id, claim } = property;
  const exercised = kind === "eventually" && property.after === undefined ? 1 : met;
  if (counterexamples.some((each) => each.property === id && each.claim === claim)) {
    return { verdict: "violated", exercised: Math.max(1, exercised) };
  }
  if (kind === "sometimes" && first >= 0) return { verdict: "held", exercised };
  if (!outcome.isComplete)
    return { verdict: "unknown", exercised, reason: reasonOf(outcome) ?? "the search was not finished" };
  if (outcome.found.states <= 1)
    return { verdict: "not_exercised", exercised: 0, reason: `no step leads to another state: ${claim}` };
  if (exercised > 0) return { verdict: "held", exercised };
  const never = kind === "sometimes" ? "never so in any state" : "its premise was met in no state";
  return { verdict: "not_exercised", exercised, reason: `${never}: ${claim}` };
}

/** The reason why not every state was seen; undefined: all were. */
function reasonOf({ found, isComplete }: Outcome): string | undefined {
  if (isComplete) return undefined;
  const states = countText(found.states, "state");
  if ((found.stop & stops.interrupted) !== 0) return `interrupted after ${states}`;
  if ((found.stop & stops.full) !== 0) return `out of memory after ${states}`;
  if (found.stop !== stops.none) return `stopped after ${states}`;
  return "the search ended where a property was violated, or before all were judged";
}

function tokenOf({ model, mutant, isSymmetric }: Subject, scope: Scope): string {
  return encodeToken({
    subject: "explore",
    seed: 0,
    layer: "explore",
    options: { model, scope, symmetry: isSymmetric },
    ...withoutUndefined({ mutant: mutant ?? undefined }),
  });
}
