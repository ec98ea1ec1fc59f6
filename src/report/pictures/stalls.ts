/** The machine's stalls as a band of their own: a row for each side, below what they may have made late. */
import { scaleLog } from "d3-scale";
import type { Series } from "../../evidence/evidence.ts";
import { numberText } from "../../evidence/words.ts";
import { type Html, html, nothing } from "../page/html.ts";
import { drawnText } from "../page/text.ts";
import { texts } from "../texts/dictionary.ts";
import type { Words } from "../texts/words.ts";
import { frame, round, type TimeAxis } from "./axis.ts";

const rowHeight = 18;
/** A stall of 1 ms has this height; the rows reach up to the longest, and to at least this many milliseconds. */
const leastHeight = 1.5;
const leastLongest = 50;
const gap = 3;

const ofStalls = (series: readonly Series[]): readonly Series[] => series.filter(({ kind }) => kind === "stall_ms");

/** 0: there is nothing to draw. */
export function stallSize(series: readonly Series[]): number {
  const rows = ofStalls(series).length;
  return rows === 0 ? 0 : rows * (rowHeight + gap) + 2 * gap;
}

export function stallBand(series: readonly Series[], axis: TimeAxis, top: number): Html {
  const rows = ofStalls(series);
  if (rows.length === 0) return nothing;
  const middle = top + gap + (rows.length * (rowHeight + gap)) / 2 + 3;
  return html`<text class="tick" x="${frame.left - 8}" y="${middle}" text-anchor="end">${drawnText(texts.stalls.label)}</text>${rows.map((row, index) => stallRow(row, axis, top + 2 * gap + index * (rowHeight + gap)))}`;
}

/** The colour of a row is that of its side, and the height of a stall its duration: a busy machine has many short ones. */
function stallRow({ points, side }: Series, axis: TimeAxis, y: number): Html {
  const longest = points.reduce((most, [, lasted]) => Math.max(most, lasted), leastLongest);
  const heightOf = scaleLog([1, longest], [leastHeight, rowHeight]).clamp(true);
  const bars = points.map(([at, lasted]) => {
    const left = axis.x(at);
    const width = round(Math.max(1, axis.x(at + lasted) - left));
    const height = round(heightOf(Math.max(1, lasted)));
    return html`<rect class="stall ${side === "fault" ? "fault-side" : "control"}" x="${left}" y="${round(y + rowHeight - height)}" width="${width}" height="${height}"><title>${numberText(at)} ms: ${numberText(lasted)} ms</title></rect>`;
  });
  return html`<rect class="lane" x="${frame.left}" y="${y}" width="${frame.width - frame.left - frame.right}" height="${rowHeight}"/>${bars}`;
}

export function stallsInWords(series: readonly Series[]): Words {
  const rows = ofStalls(series);
  if (rows.length === 0) return texts.stalls.unknown;
  const all = rows.flatMap(({ points }) => points.map(([, lasted]) => lasted));
  if (all.length === 0) return texts.stalls.none;
  return texts.stalls.see(numberText(all.length), numberText(all.reduce((most, one) => Math.max(most, one), 0)));
}
