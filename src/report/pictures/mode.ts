/** The mode of each instance, with the faults: one strip an instance. */

import type { FaultWindow, Series } from "../../evidence/evidence.ts";
import { numberText } from "../../evidence/words.ts";
import { type Html, html, nothing } from "../page/html.ts";
import { drawnText, text } from "../page/text.ts";
import { texts } from "../texts/dictionary.ts";
import { modes, modeWords, seriesWords } from "../texts/names.ts";
import { bandNames, faultBands, frame, round, type TimeAxis, timeTicks } from "./axis.ts";
import type { Picture } from "./picture.ts";

const stripHeight = 18;
const gap = 6;
/** Above the strips of the control run. */
const heading = 20;
const top = bandNames.height;

/** Whether an instance left `normal` in the run with faults. */
export function isDegraded(series: readonly Series[]): boolean {
  return series.some(
    ({ kind, points, side }) =>
      kind === "mode" && side === "fault" && points.some(([, mode]) => (modes[mode] ?? "normal") !== "normal"),
  );
}

export function modePicture(series: readonly Series[], faults: readonly FaultWindow[], axis: TimeAxis): Picture {
  const modesOf = (side: Series["side"]) => series.filter((one) => one.kind === "mode" && one.side === side);
  const [fault, control] = [modesOf("fault"), modesOf("control")];
  const middle = top + fault.length * (stripHeight + gap);
  const begin = control.length === 0 ? middle : middle + heading;
  const bottom = begin + control.length * (stripHeight + gap);
  const strips = (rows: readonly Series[], y: number) =>
    rows.map((row, index) => strip(row, axis, y + index * (stripHeight + gap)));
  const headed =
    control.length === 0
      ? nothing
      : html`<text class="tick" x="${frame.left}" y="${begin - 5}">${drawnText(texts.sides.control)}</text>`;
  return {
    ...texts.modePicture,
    svg: (labelledBy) =>
      html`<svg viewBox="0 0 ${frame.width} ${bottom + 24}" role="img" aria-labelledby="${labelledBy}">
${faultBands(axis, faults, middle)}${strips(fault, top)}${headed}${strips(control, begin)}${timeTicks(axis, bottom)}</svg>`,
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
