/** Draws each violation that has a timeline into a file beside the report, and names it in `files`. */
import type { LayerEvidence, Violation } from "../../evidence/evidence.ts";
import type { Timeline } from "../../evidence/timeline.ts";
import { renderTimeline } from "../timeline/space-time-page.ts";

/** The most pictures of a report; further violations are only printed. */
const mostPictures = 40;

export interface Pictures {
  /** The evidence with the names of the files in place of the timelines. */
  readonly evidence: readonly LayerEvidence[];
  readonly files: readonly (readonly [name: string, content: string])[];
  /** By the names of their files. */
  readonly timelines: ReadonlyMap<string, Timeline>;
}

export function drawPictures(evidence: readonly LayerEvidence[]): Pictures {
  const files: [string, string][] = [];
  const timelines = new Map<string, Timeline>();
  const drawn = (violation: Violation): Violation => {
    const { timeline, ...stored } = violation;
    if (timeline === undefined || files.length === mostPictures) return stored;
    const name = `picture-${files.length + 1}-${violation.layer}-${violation.property}.html`;
    files.push([name, renderTimeline(timeline)]);
    timelines.set(name, timeline);
    return { ...stored, files: [...stored.files, name] };
  };
  const named = evidence.map((layer) => ({ ...layer, violations: layer.violations.map(drawn) }));
  return { evidence: named, files, timelines };
}
