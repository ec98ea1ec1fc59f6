/** The timeline of the steps: a row for each layer, a bar for each of its steps, on the clock of the run. */
import { scaleBand, scaleLinear } from "d3-scale";
import type { LayerEvidence, StepEvidence } from "../../../evidence/evidence.ts";
import { durationText, numberText } from "../../../evidence/words.ts";
import { type Html, html, nothing } from "../../page/html.ts";
import { clipped, drawnText, text } from "../../page/text.ts";
import { texts } from "../../texts/dictionary.ts";
import { layerWords } from "../../texts/names.ts";
import { frame, round } from "../axis.ts";
import type { Picture } from "../picture.ts";

const top = 8;
const rowHeight = 26;
/** A name that is drawn needs so much room. */
const characterWidth = 6.5;
const longestName = 60;

/** null: no layer says when its steps ran. */
export function stepsPicture(layers: readonly LayerEvidence[]): Picture | null {
  const rows = layers.flatMap(({ name, steps = [] }) => (steps.length === 0 ? [] : [{ name, steps }]));
  if (rows.length === 0) return null;
  const end = rows.reduce((most, { steps }) => steps.reduce((last, { to_ms }) => Math.max(last, to_ms), most), 1);
  const bottom = top + rows.length * rowHeight;
  const x = scaleLinear([0, end], [frame.left, frame.width - frame.right]);
  const y = scaleBand(
    rows.map(({ name }) => name),
    [top, bottom],
  ).paddingInner(0.2);
  return {
    title: texts.ran.title,
    see: texts.ran.see,
    found: [text(texts.ran.later)],
    svg: (
      labelledBy,
    ) => html`<svg viewBox="0 0 ${frame.width} ${bottom + 24}" role="img" aria-labelledby="${labelledBy}">
${x.ticks(8).map((at) => html`<line class="grid" x1="${round(x(at))}" x2="${round(x(at))}" y1="${top}" y2="${bottom}"/><text class="tick" x="${round(x(at))}" y="${bottom + frame.labelHeight}" text-anchor="middle">${`${numberText(at / 1000)} s`}</text>`)}
${rows.map(({ name, steps }) => {
  const row = { y: round(y(name) ?? top), height: round(y.bandwidth()) };
  return html`<text class="tick" x="${frame.left - 8}" y="${row.y + 14}" text-anchor="end">${drawnText(layerWords[name])}</text>${steps.map((step) => bar(step, x, row))}`;
})}</svg>`,
  };
}

function bar(
  step: StepEvidence,
  x: (at: number) => number,
  row: { readonly y: number; readonly height: number },
): Html {
  const { from_ms, name, to_ms, verdict } = step;
  const left = round(x(from_ms));
  const width = round(Math.max(1, x(to_ms) - left));
  const shown = clipped(name, longestName);
  const isNamed = shown.length * characterWidth < width;
  return html`<g class="ran ${verdict}"><title>${shown}: ${durationText(from_ms)} – ${durationText(to_ms)}</title><rect x="${left}" y="${row.y}" width="${width}" height="${row.height}"/>${isNamed ? html`<text x="${left + 4}" y="${row.y + 14}">${shown}</text>` : nothing}</g>`;
}
