/** The evidence of a batch of conform for each property. */
import type { PropertyEvidence } from "../evidence/evidence.ts";
import type { Batch, Failed } from "./batch.ts";
import { brokenProperty } from "./broken-property.ts";
import { judgeKeys, type Watched } from "./store/key-evidence.ts";
import { type ConformProperty, conformProperties } from "./tally.ts";

export interface Judged {
  readonly batch: Batch;
  /** One for each property that was broken. */
  readonly failed: readonly Failed[];
  readonly watched: Watched;
  /** A plan that is replayed reports only what it exercised; a batch answers for all that is conform's. */
  readonly isReplay: boolean;
}

export function judge({ batch, failed, watched, isReplay }: Judged): readonly PropertyEvidence[] {
  const broken = new Set(failed.map(({ divergence }) => brokenProperty(divergence)));
  const ids = new Set<PropertyEvidence["id"]>([...conformProperties, ...broken]);
  const compared = [...ids].map((id): PropertyEvidence => {
    const met = batch.tally.met.get(id as ConformProperty) ?? 0;
    const exercised = broken.has(id) ? Math.max(met, 1) : met;
    const verdict = broken.has(id) ? "violated" : exercised > 0 ? "held" : "not_exercised";
    return { id, verdict, exercised, figures: [], tokens: [] };
  });
  // Keys are watched in a pass of its own, which a divergence leaves out.
  const keys = failed.length > 0 ? [] : [judgeKeys(watched)];
  const all = [...compared, ...keys].map((each) => explained(each, batch));
  return isReplay ? all.filter(({ exercised }) => exercised > 0) : all;
}

/** Part of a batch is no pass: what it held for is reported as unknown, with the share. */
function explained(evidence: PropertyEvidence, { isCut, runs, planned }: Batch): PropertyEvidence {
  if (evidence.verdict === "not_exercised") return { ...evidence, reason: `not met in ${runs} runs of conform` };
  if (evidence.verdict !== "held" || !isCut) return evidence;
  return { ...evidence, verdict: "unknown", reason: `interrupted after ${runs} of ${planned} runs` };
}
