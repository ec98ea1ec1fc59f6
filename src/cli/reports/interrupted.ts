/** The progress of an interrupted verify, in one line. Everything that had not run by then would fill pages. */
import { visible } from "../../evidence/escape.ts";
import type { LayerEvidence } from "../../evidence/evidence.ts";
import { mergeLayers } from "../../evidence/merge.ts";
import { countText, verdictWords } from "../../evidence/words.ts";

/**
 * @param evidence of the steps, not merged
 * @param steps how many a round has
 */
export function reachedLine(evidence: readonly LayerEvidence[], steps: number): string {
  const ended = evidence.filter(({ cause, name }) => name !== "canary" && cause !== "interrupted");
  const layers = mergeLayers(ended).map(({ name, verdict }) => `${name} ${verdictWords[verdict].en}`);
  const reached = layers.length === 0 ? "no layer" : layers.join(", ");
  return visible(`INTERRUPTED    ${ended.length} of ${countText(steps, "step")} had ended: ${reached}`);
}
