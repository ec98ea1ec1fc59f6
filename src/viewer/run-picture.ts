/** The whole run at a glance: faults as bands, a strip of modes for each instance, the violation, and where the reader is. */
import { type Html, html, nothing } from "../report/page/html.ts";
import { bandNames, faultBands, frame, round, type TimeAxis, timeAxis, timeTicks } from "../report/pictures/axis.ts";
import type { ViewedRun } from "./viewed-run.ts";

const stripHeight = 12;
const gap = 4;
const mostStrips = 20;
const longestName = 14;

export function runPicture(run: ViewedRun, labelledBy: string): Html {
  const end = run.steps.at(-1)?.at ?? 1;
  const faults = run.faults.map(({ from, name, to }) => ({
    scenario: "",
    kind: name,
    from_ms: from,
    to_ms: Math.min(end, to),
  }));
  const axis = timeAxis([], [...faults, { scenario: "", kind: "", from_ms: 0, to_ms: end }]);
  const strips = modesOf(run).slice(0, mostStrips);
  const bottom = bandNames.height + strips.length * (stripHeight + gap);
  const broken = run.broken === null ? undefined : run.steps[run.broken.step];
  return html`<svg viewBox="0 0 ${frame.width} ${bottom + 24}" role="img" aria-labelledby="${labelledBy}" data-left="${frame.left}" data-width="${frame.width - frame.left - frame.right}" data-end="${axis.end}">
${faultBands(axis, faults, bottom)}${strips.map((strip, index) => stripOf(strip, axis, bandNames.height + index * (stripHeight + gap)))}${broken === undefined ? nothing : html`<line class="broken-line" x1="${axis.x(broken.at)}" x2="${axis.x(broken.at)}" y1="4" y2="${bottom}"/>`}<line class="cursor" x1="${frame.left}" x2="${frame.left}" y1="4" y2="${bottom}"/>${timeTicks(axis, bottom)}</svg>`;
}

interface Strip {
  readonly name: string;
  readonly changes: readonly (readonly [at: number, mode: string])[];
}

function modesOf({ lanes, steps }: ViewedRun): readonly Strip[] {
  const changes = steps.flatMap(({ at, changes: all }) =>
    all.flatMap(([lane, key, value]) => (key === "mode" ? [{ lane, at, mode: value ?? "unknown" }] : [])),
  );
  return lanes.slice(0, -1).map((name, lane) => ({
    name: name.slice(0, longestName),
    changes: changes.filter((one) => one.lane === lane).map(({ at, mode }) => [at, mode] as const),
  }));
}

function stripOf({ changes, name }: Strip, axis: TimeAxis, y: number): Html {
  const segments = changes.map(([from, mode], index) => {
    const left = axis.x(from);
    const width = round(Math.max(0, axis.x(changes[index + 1]?.[0] ?? axis.end) - left));
    const known = ["normal", "l2_only", "local_only"].includes(mode) ? mode : "unknown";
    return html`<rect class="mode ${known}" x="${left}" y="${y}" width="${width}" height="${stripHeight}"/>`;
  });
  return html`<text class="tick" x="${frame.left - 8}" y="${y + 10}" text-anchor="end">${name}</text>${segments}`;
}
