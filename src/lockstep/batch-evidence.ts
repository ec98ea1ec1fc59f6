/** The evidence of a batch of lockstep runs. */
import { joinVerdicts, type Verdict } from "../check/verdict.ts";
import type { LayerEvidence, PropertyEvidence, Violation } from "../evidence/evidence.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import { countText } from "../evidence/words.ts";
import type { ScriptSet } from "../redis/scripts/scripts.ts";
import type { Divergence } from "./mirror.ts";

export type LockstepOutcome = "agreed" | "parted" | "not_drivable" | "broken";

export const verdictOf: Readonly<Record<LockstepOutcome, Verdict>> = {
  agreed: "held",
  parted: "violated",
  not_drivable: "not_exercised",
  broken: "broken",
};

export interface LockstepLine {
  readonly scenario: string;
  readonly seed: number;
  readonly outcome: LockstepOutcome;
  readonly verdict: Verdict;
  /** Commands that both sides answered alike, refused ones included. */
  readonly steps: number;
  /** Number of these commands by answer, such as `reserve_job full` or `refused busy`; an answer that is absent did not occur. */
  readonly compared: Readonly<Record<string, number>>;
  readonly trace_hash: string;
  readonly events: number;
  readonly virtual_ms: number;
  readonly wall_ms: number;
  readonly token: string;
  /** The reason why no real server can do what the simulation did. */
  readonly not_drivable?: string | undefined;
  /** Why the run itself cannot be judged, on whichever side. */
  readonly broken?: string | undefined;
  /** Where the two sides differ first: in a reply, in what keys hold, or, all of that being equal, in what the instances did. */
  readonly parted_in?: Divergence["where"] | "trace" | undefined;
  readonly story?: readonly string[] | undefined;
}

export interface LockstepEvidence extends LayerEvidence {
  readonly json: Readonly<Record<string, unknown>>;
}

/** Tokens kept for a property. */
const mostTokens = 5;

interface Asked {
  readonly scenario: string;
  readonly seeds: { readonly from: number; readonly to: number };
  readonly mutant?: string;
}

interface Batch {
  /** Seeds that were asked for. */
  readonly asked: number;
  readonly lines: readonly LockstepLine[];
  readonly violations: readonly Violation[];
  readonly scripts: Pick<ScriptSet, "name" | "fingerprint">;
  readonly wall: number;
}

/** Held only where every seed that was asked for was driven to its end, and agreed. */
export function evidenceOf(
  { mutant, scenario, seeds }: Asked,
  { asked, lines, scripts, violations, wall }: Batch,
): LockstepEvidence {
  const of = (outcome: LockstepOutcome) => lines.filter((line) => line.outcome === outcome);
  const stuck = of("not_drivable");
  const broken = of("broken");
  const isCut = lines.length < asked;
  // One seed that agreed says nothing of another that was not driven.
  const verdict = joinVerdicts([...lines.map((line) => line.verdict), ...(isCut ? ["unknown" as const] : [])]);
  const reasons = [
    ...(broken.length === 0 ? [] : [`${countText(broken.length, "seed")} broken: ${broken[0]?.broken}`]),
    ...(isCut ? [`ended after ${lines.length} of ${countText(asked, "seed")}`] : []),
    ...(stuck.length === 0 ? [] : [`${countText(stuck.length, "seed")} not drivable: ${kindsOf(stuck)}`]),
  ];
  const steps = lines.reduce((sum, line) => sum + line.steps, 0);
  return {
    name: "simulate",
    verdict,
    runs: lines.length,
    duration_ms: Math.round(wall),
    properties: brokenBy(violations),
    violations,
    mutants: [],
    series: [],
    faults: [],
    ...withoutUndefined({ reason: reasons.length === 0 ? undefined : `${scenario}, on redis: ${reasons.join("; ")}` }),
    json: {
      summary: true,
      scenario,
      on: "redis",
      script_set: `${scripts.name}@${scripts.fingerprint}`,
      from: seeds.from,
      to: seeds.to,
      seeds: lines.length,
      agreed: of("agreed").length,
      parted: violations.length,
      not_drivable: stuck.length,
      broken: broken.length,
      commands: steps,
      compared: Object.fromEntries(summed(lines)),
      verdict,
      ...withoutUndefined({ reasons: reasons.length === 0 ? undefined : reasons, mutant }),
    },
  };
}

/** The properties that the first differences break; `simulate` and `conform` judge the others. */
function brokenBy(violations: readonly Violation[]): readonly PropertyEvidence[] {
  const groups = Map.groupBy(violations, ({ property }) => property);
  return [...groups].map(([id, group]) => ({
    ...{ id, verdict: "violated", exercised: group.length, figures: [] },
    tokens: group.slice(0, mostTokens).map(({ token }) => token),
  }));
}

function summed(lines: readonly LockstepLine[]): readonly (readonly [string, number])[] {
  const sums = new Map<string, number>();
  for (const [answer, count] of lines.flatMap(({ compared }) => Object.entries(compared)))
    sums.set(answer, (sums.get(answer) ?? 0) + count);
  return [...sums].sort();
}

function kindsOf(lines: readonly LockstepLine[]): string {
  return [...new Set(lines.map(({ not_drivable }) => not_drivable ?? ""))].join(", ");
}
