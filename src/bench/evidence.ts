/** The evidence of judged rows, and their JSON lines. */
import { type Cause, joinCauses } from "../check/cause.ts";
import type { PropertyId } from "../check/properties.ts";
import { joinVerdicts, type Verdict } from "../check/verdict.ts";
import type { Figure, LayerEvidence, PropertyEvidence, Violation } from "../evidence/evidence.ts";
import { encodeToken } from "../evidence/token.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import { type BenchProfile, type Claim, type ClaimId, claims, type PeerName, type Unit } from "./claims.ts";
import type { Machine } from "./measure/machine.ts";
import type { Judged } from "./measure/round.ts";

export interface Row {
  readonly id: ClaimId;
  readonly judged: Judged;
}

interface BenchJson {
  readonly profile: BenchProfile;
  readonly seed: number;
  readonly machine: Machine;
  readonly rows: readonly Line[];
}

interface Spread {
  readonly median: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** One line of `--json`. Numbers that do not exist are null. */
export interface Line extends Spread {
  readonly id: ClaimId;
  readonly figure: string;
  readonly unit: Unit;
  readonly threshold: number;
  readonly direction: Claim["direction"];
  /** The threshold itself does not meet it. */
  readonly strict: boolean;
  readonly verdict: Verdict;
  readonly rounds: number;
  readonly ratio?: number | null;
  readonly ours?: Spread;
  readonly peer?: Spread & { readonly name: PeerName };
  readonly exercised: number;
  /** The largest share of the machine that other processes had in a round. */
  readonly taken_percent: number;
  readonly reason?: string;
}

export interface BenchEvidence extends LayerEvidence {
  readonly json: BenchJson;
}

interface Measured {
  readonly profile: BenchProfile;
  readonly seed: number;
  readonly machine: Machine;
  readonly rows: readonly Row[];
  readonly durationMs: number;
  /** Ended before all rows were measured. */
  readonly isCut: boolean;
}

export function evidenceOf({ durationMs, isCut, machine, profile, rows, seed }: Measured): BenchEvidence {
  const token = encodeToken({ subject: "bench", seed, layer: "bench", options: { profile } });
  const settled = rows.flatMap(({ id, judged }) => {
    const claim: Claim = claims[id];
    return claim.property === undefined ? [] : [{ claim, judged, property: claim.property }];
  });
  const ids = [...new Set(settled.map(({ property }) => property))];
  const reasons = rows.flatMap(({ id, judged }) => (judged.reason === undefined ? [] : [`${id}: ${judged.reason}`]));
  return {
    name: "bench",
    verdict: joinVerdicts(rows.map(({ judged }) => judged.verdict)),
    runs: rows.reduce((sum, { judged }) => sum + judged.rounds, 0),
    duration_ms: Math.round(durationMs),
    properties: ids.map((id) =>
      propertyOf(
        id,
        settled.filter(({ property }) => property === id),
        token,
      ),
    ),
    violations: settled.flatMap(({ claim, judged, property }) => violationOf(claim, judged, property, token)),
    mutants: [],
    series: [],
    faults: [],
    ...withoutUndefined({
      cause: causeOf(rows.map(({ judged }) => judged)),
      reason: reasons.length === 0 ? undefined : [...(isCut ? ["interrupted"] : []), ...reasons].join("; "),
    }),
    json: { profile, seed, machine, rows: rows.map(lineOf) },
  };
}

type Settled = { readonly claim: Claim; readonly judged: Judged };

function propertyOf(id: PropertyId, rows: readonly Settled[], token: string): PropertyEvidence {
  const reasons = rows.flatMap(({ judged }) => judged.reason ?? []);
  return {
    id,
    verdict: joinVerdicts(rows.map(({ judged }) => judged.verdict)),
    exercised: rows.reduce((sum, { judged }) => sum + judged.exercised, 0),
    figures: rows.flatMap(figuresOf),
    tokens: [token],
    ...withoutUndefined({
      cause: causeOf(rows.map(({ judged }) => judged)),
      reason: reasons.length === 0 ? undefined : reasons.join("; "),
    }),
  };
}

function causeOf(rows: readonly Judged[]): Cause | undefined {
  return joinCauses(rows.flatMap((row) => row.cause ?? []));
}

/** None where nothing was measured. */
function figuresOf({ claim, judged }: Settled): readonly Figure[] {
  if (!Number.isFinite(judged.median)) return [];
  const { direction, figure, threshold } = claim;
  const of = `median of ${judged.rounds} rounds`;
  return [{ name: figure, value: rounded(judged.median), threshold, direction, of }];
}

function violationOf(claim: Claim, judged: Judged, property: PropertyId, token: string): readonly Violation[] {
  if (judged.verdict !== "violated") return [];
  const spread = `${judged.rounds} rounds, ${rounded(judged.min)} to ${rounded(judged.max)}; others had up to ${Math.round(100 * judged.taken)} % of the machine`;
  return [
    {
      property,
      scenario: `bench ${claim.id}`,
      layer: "bench",
      token,
      story: [judged.reason ?? claim.figure, claim.what, spread],
      files: [],
    },
  ];
}

export function lineOf({ id, judged }: Row): Line {
  const claim: Claim = claims[id];
  const { exercised, max, median, min, ours, peers, reason, rounds, taken, verdict } = judged;
  const { direction, figure, isStrict, peer, threshold, unit } = claim;
  const compared = peer && { ratio: numberOf(median), ours: spread(ours), peer: { name: peer, ...spread(peers) } };
  return {
    ...{ id, figure, unit, threshold, direction, strict: isStrict === true, verdict },
    ...{ median: numberOf(median), min: numberOf(min), max: numberOf(max), rounds },
    ...compared,
    exercised,
    taken_percent: Math.round(100 * taken),
    ...withoutUndefined({ reason }),
  };
}

function spread(found: Judged["ours"]): Spread {
  const { max, median, min } = found ?? { median: Number.NaN, min: Number.NaN, max: Number.NaN };
  return { median: numberOf(median), min: numberOf(min), max: numberOf(max) };
}

function numberOf(value: number): number | null {
  return Number.isFinite(value) ? rounded(value) : null;
}

/** Four significant digits are more than a round repeats. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
