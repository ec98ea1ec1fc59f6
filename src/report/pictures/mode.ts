/** The mode of each instance, with the faults: one strip an instance. */

import type { FaultWindow, Series } from "../../evidence/evidence.ts";
import { numberText } from "../../evidence/words.ts";
import { type Html, html } from "../page/html.ts";
import { drawnText, text } from "../page/text.ts";
import { texts } from "../texts/dictionary.ts";
import { modes, modeWords, seriesWords } from "../texts/names.ts";
import { bandNames, faultBands, frame, round, type TimeAxis, timeTicks } from "./axis.ts";
import type { Picture } from "./picture.ts";

const stripHeight = 18;
const gap = 6;
const top = bandNames.height;

export function modePicture(series: readonly Series[], faults: readonly FaultWindow[], axis: TimeAxis): Picture {
  const rows = series.filter((one) => one.kind === "mode" && one.side === "fault");
  const bottom = top + rows.length * (stripHeight + gap);
  return {
    ...texts.modePicture,
    svg: (labelledBy) =>
      html`<svg viewBox="0 0 ${frame.width} ${bottom + 24}" role="img" aria-labelledby="${labelledBy}">
${faultBands(axis, faults, bottom)}${rows.map((row, index) => strip(row, axis, top + index * (stripHeight + gap)))}${timeTicks(axis, bottom)}</svg>`,
    found: [html`${modes.map((mode) => html`<span class="key mode ${mode}"></span>${text(modeWords[mode])} `)}`],
  };
}

function strip({ name, points }: Series, axis: TimeAxis, y: number): Html {
  const segments = points.map(([from, value], index) => {
    const to = points[index + 1]?.[0] ?? axis.end;
    const mode = modes[value] ?? "unknown";
    const width = round(Math.max(0, axis.x(to) - axis.x(from)));
    return html`<rect class="mode ${mode}" x="${axis.x(from)}" y="${y}" width="${width}" height="${stripHeight}"><title>${numberText(from)}–${numberText(to)} ms</title></rect>`;
  });
  return html`<text class="tick" x="${frame.left - 8}" y="${y + 13}" text-anchor="end">${drawnText(seriesWords(name))}</text>${segments}`;
}
