/** The mode of each instance, with the faults: one strip an instance. */

import { visible } from "../../evidence/escape.ts";
import type { FaultWindow, Series } from "../../evidence/evidence.ts";
import { type Html, html } from "../page/html.ts";
import { bandNames, faultBands, frame, round, type TimeAxis, timeTicks } from "./axis.ts";

/** In the order of the numbers in a series. */
const modes = ["normal", "l2_only", "local_only"] as const;
const stripHeight = 18;
const gap = 6;
const top = bandNames.height;

export function modePicture(series: readonly Series[], faults: readonly FaultWindow[], axis: TimeAxis): Html {
  const rows = series.filter((one) => one.kind === "mode" && one.side === "fault");
  const bottom = top + rows.length * (stripHeight + gap);
  return html`<figure><svg viewBox="0 0 ${frame.width} ${bottom + 24}" role="img" aria-label="mode of each instance over time">
${faultBands(axis, faults, bottom)}${rows.map((row, index) => strip(row, axis, top + index * (stripHeight + gap)))}${timeTicks(axis, bottom)}</svg>
<figcaption>Mode over time. ${modes.map((mode) => html`<span class="key mode ${mode}"></span>${mode} `)}</figcaption></figure>`;
}

function strip({ name, points }: Series, axis: TimeAxis, y: number): Html {
  const segments = points.map(([from, value], index) => {
    const to = points[index + 1]?.[0] ?? axis.end;
    const mode = modes[value] ?? "unknown";
    const width = round(Math.max(0, axis.x(to) - axis.x(from)));
    return html`<rect class="mode ${mode}" x="${axis.x(from)}" y="${y}" width="${width}" height="${stripHeight}"/>`;
  });
  return html`<text class="tick" x="${frame.left - 8}" y="${y + 13}" text-anchor="end">${visible(name)}</text>${segments}`;
}
