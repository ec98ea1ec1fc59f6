/** The common time axis of the pictures of one scenario, with the faults in the background. */

import { scaleLinear } from "d3-scale";
import type { FaultWindow, Series } from "../../evidence/evidence.ts";
import { type Html, html } from "../page/html.ts";
import { drawnText } from "../page/text.ts";
import { faultWords } from "../texts/names.ts";

/** In CSS pixels of the picture's coordinates. */
export const frame = { width: 860, left: 96, right: 12, labelHeight: 16 } as const;

export interface TimeAxis {
  /** Milliseconds since the start of the run at the right edge. */
  readonly end: number;
  x(milliseconds: number): number;
}

export function timeAxis(series: readonly Series[], faults: readonly FaultWindow[]): TimeAxis {
  let end = 1;
  const overTime = series.filter(({ kind }) => kind !== "margin_ms" && kind !== "noise_ms" && kind !== "stall_ms");
  for (const { points } of overTime) for (const [at] of points) end = Math.max(end, at);
  for (const fault of faults) if (Number.isFinite(fault.to_ms)) end = Math.max(end, fault.to_ms);
  const span = frame.width - frame.left - frame.right;
  return { end, x: (milliseconds) => round(frame.left + (Math.max(0, Math.min(end, milliseconds)) / end) * span) };
}

/** Room at the top for the names of the faults, in two rows, so that neighbours do not overlap. */
export const bandNames = { rows: [16, 28], height: 34 } as const;
const bandTop = 4;
/** Width of a character, an upper estimate. */
const characterWidth = 6.5;

/** One band for each fault in the background, with its name at the top, or under the pointer where neighbours leave no room. */
export function faultBands(axis: TimeAxis, faults: readonly FaultWindow[], bottom: number): Html {
  const ends: number[] = bandNames.rows.map(() => 0);
  const inOrder = [...faults].sort((one, other) => one.from_ms - other.from_ms);
  return html`${inOrder.map(({ kind, from_ms, to_ms }) => {
    const left = axis.x(from_ms);
    const width = round(Math.max(1, axis.x(to_ms) - left));
    const row = ends.findIndex((end) => end <= left);
    const words = faultWords(kind);
    if (row >= 0) ends[row] = left + Math.max(words.en.length, words.zh.length * 2) * characterWidth + 8;
    const name =
      row < 0
        ? html`<title>${words.en}</title>`
        : html`<text x="${left + 4}" y="${bandNames.rows[row] ?? bandTop}">${drawnText(words)}</text>`;
    return html`<g class="fault"><rect x="${left}" y="${bandTop}" width="${width}" height="${bottom - bandTop}"/>${name}</g>`;
  })}`;
}

const mostTicks = 10;

export function timeTicks(axis: TimeAxis, bottom: number): Html {
  return html`${scaleLinear([0, axis.end], [0, 1])
    .ticks(mostTicks)
    .map(
      (at) =>
        html`<text class="tick" x="${axis.x(at)}" y="${bottom + frame.labelHeight}" text-anchor="middle">${seconds(at)}</text>`,
    )}`;
}

function seconds(milliseconds: number): string {
  return `${Number((milliseconds / 1000).toPrecision(3))} s`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
