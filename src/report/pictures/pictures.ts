/** The pictures of a report: a file beside it for each violation that has a timeline, named in its `files`. */
import type { LayerEvidence, Violation } from "../../evidence/evidence.ts";
import { renderTimeline } from "../timeline/space-time-page.ts";

/** Of one report; violations beyond that are told and replayed, but not drawn. */
const mostPictures = 40;

export interface Pictures {
  /** The evidence with the files named, and the timelines, which are in them, left out. */
  readonly evidence: readonly LayerEvidence[];
  readonly files: readonly (readonly [name: string, content: string])[];
}

export function drawPictures(evidence: readonly LayerEvidence[]): Pictures {
  const files: [string, string][] = [];
  const drawn = (violation: Violation): Violation => {
    const { timeline, ...told } = violation;
    if (timeline === undefined || files.length === mostPictures) return told;
    const name = `picture-${files.length + 1}-${violation.layer}-${violation.property}.html`;
    files.push([name, renderTimeline(timeline)]);
    return { ...told, files: [...told.files, name] };
  };
  return { evidence: evidence.map((layer) => ({ ...layer, violations: layer.violations.map(drawn) })), files };
}
