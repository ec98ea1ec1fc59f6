/** The judges of linearizability over histories of known verdict, as they are or with a planted mistake: to see that a mistake shows. */
import { type JudgeMutant, judgeMutants } from "../../scenarios/mutants/judges.ts";
import { tryJudges } from "../check/linear/known/wrong-judges.ts";
import type { LayerEvidence } from "../evidence/evidence.ts";
import { UsageError } from "../evidence/failure.ts";

/**
 * `violated`: a judge was wrong about a history whose verdict is known. With a mistake planted in them, all have to be; one that is right
 * about all histories in spite of it makes it `held`. Should the judges as they are be wrong, nothing that they say is worth anything: `broken`.
 * @throws UsageError for a mistake that is not known
 */
export function runPlantedJudges(id: string, now: () => number): LayerEvidence {
  const mutant = findMutant(id);
  const startedAt = now();
  const right = tryJudges(null).flatMap(({ wrong }) => (wrong === null ? [] : [wrong]));
  const trials = tryJudges(mutant.change);
  const blind = trials.filter(({ wrong }) => wrong === null).map(({ judge }) => judge);
  const verdict = right.length > 0 ? "broken" : blind.length > 0 ? "held" : "violated";
  const told = (right.length > 0 ? right : trials.flatMap(({ wrong }) => wrong ?? [])).map(
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
    reason: verdict === "held" ? `not noticed ${blind.join(", ")}` : told.join("; "),
  };
}

function findMutant(id: string): JudgeMutant {
  const found = judgeMutants.find((mutant) => mutant.id === id);
  if (found !== undefined) return found;
  throw new UsageError(`planted judge ${JSON.stringify(id)}: there is none of that name`, {
    where: "mutant",
    fix: `use one of ${judgeMutants.map((mutant) => mutant.id).join(", ")}`,
  });
}
