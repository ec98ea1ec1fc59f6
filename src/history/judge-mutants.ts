/** Runs the judges of linearizability, unchanged or mutated, over histories of known verdict. */
import { type JudgeMutant, judgeMutants } from "../../scenarios/mutants/judges.ts";
import { type RuleChange, ruleChanges, tryRules } from "../check/linear/known/node-rules.ts";
import { type JudgeTrial, tryJudges } from "../check/linear/known/wrong-judges.ts";
import type { LayerEvidence } from "../evidence/evidence.ts";
import { UsageError } from "../evidence/failure.ts";

/**
 * `violated`: every mutated judge was wrong about some history, so the mutant is detected. `held`: one of them was right about all histories.
 * `broken`: an unchanged judge was wrong.
 * @throws UsageError for an unknown mutant
 */
export function runJudgeMutant(id: string, now: () => number): LayerEvidence {
  const mutant = findMutant(id);
  const startedAt = now();
  const right = [...tryJudges(null), ...tryRules(null)].flatMap(({ wrong }) => (wrong === null ? [] : [wrong]));
  const trials = trialsOf(mutant);
  const blind = trials.filter(({ wrong }) => wrong === null).map(({ judge }) => judge);
  const verdict = right.length > 0 ? "broken" : blind.length > 0 ? "held" : "violated";
  const mistakes = (right.length > 0 ? right : trials.flatMap(({ wrong }) => wrong ?? [])).map(
    ({ expected, found, history, judge }) => `${judge}: ${found} where ${expected} is known (${history})`,
  );
  return {
    name: "check",
    verdict,
    runs: Math.max(...trials.map(({ asked }) => asked)),
    duration_ms: Math.round(now() - startedAt),
    properties: [],
    // Nothing to replay: the histories are in the code.
    violations: [],
    mutants: [],
    series: [],
    faults: [],
    reason: verdict === "held" ? `not detected by ${blind.join(", ")}` : mistakes.join("; "),
  };
}

/** The judges with this change, over the histories that are known of their object. */
export function trialsOf({ change }: Pick<JudgeMutant, "change">): readonly JudgeTrial[] {
  const isOfRules = (one: JudgeMutant["change"]): one is RuleChange => (ruleChanges as readonly string[]).includes(one);
  return isOfRules(change) ? tryRules(change) : tryJudges(change);
}

function findMutant(id: string): JudgeMutant {
  const found = judgeMutants.find((mutant) => mutant.id === id);
  if (found !== undefined) return found;
  throw new UsageError(`no judge mutant is named ${JSON.stringify(id)}`, {
    where: "mutant",
    fix: `use one of ${judgeMutants.map((mutant) => mutant.id).join(", ")}`,
  });
}
