/** How many changes of the store each instance's view lacks: one strip an instance, the faulty run above its control. */

import { visible } from "../../evidence/escape.ts";
import type { FaultWindow, Series } from "../../evidence/evidence.ts";
import { countText, numberText } from "../../evidence/words.ts";
import { type Html, html } from "../page/html.ts";
import { bandNames, faultBands, frame, round, type TimeAxis, timeTicks } from "./axis.ts";

const stripHeight = 36;
const gap = 8;
const top = bandNames.height;

export function convergencePicture(series: readonly Series[], faults: readonly FaultWindow[], axis: TimeAxis): Html {
  const own = series.filter((one) => one.kind === "behind");
  const names = [...new Set(own.map(({ name }) => name))];
  const highest = own.reduce((most, { points }) => points.reduce((high, [, value]) => Math.max(high, value), most), 1);
  const bottom = top + names.length * (stripHeight + gap);
  return html`<figure><svg viewBox="0 0 ${frame.width} ${bottom + 24}" role="img" aria-label="${`changes of the store that each instance was without, over time; ${inWords(own)}`}">
${faultBands(axis, faults, bottom)}${names.map((name, index) => {
  const base = top + index * (stripHeight + gap) + stripHeight;
  return strip(
    own.filter((one) => one.name === name),
    { axis, base, highest },
  );
})}${timeTicks(axis, bottom)}</svg>
<figcaption>Convergence: changes of the store that an instance was without, up to ${numberText(highest)} at the top of a strip. <span class="key fault-side"></span>with faults <span class="key control"></span>without.
<br>${inWords(own)}</figcaption></figure>`;
}

interface Strip {
  readonly axis: TimeAxis;
  /** The line at which a view equals the store. */
  readonly base: number;
  readonly highest: number;
}

function strip(series: readonly Series[], place: Strip): Html {
  const { base } = place;
  const inOrder = [...series].sort((a) => (a.side === "control" ? 1 : -1));
  return html`<line class="grid" x1="${frame.left}" x2="${frame.width - frame.right}" y1="${base}" y2="${base}"/><text class="tick" x="${frame.left - 8}" y="${base - 12}" text-anchor="end">${visible(series[0]?.name ?? "")}</text>${inOrder.map((one) => steps(one, place))}`;
}

function steps({ points, side }: Series, { axis, base, highest }: Strip): Html {
  const y = (value: number) => round(base - (Math.min(highest, value) / highest) * stripHeight);
  const line = points.map(([at, value]) => `H${axis.x(at)}V${y(value)}`).join("");
  const drawn = `M${axis.x(0)} ${base}${line}H${axis.x(axis.end)}V${base}`;
  return html`<path class="behind ${side === "fault" ? "fault-side" : "control"}" d="${drawn}"/>`;
}

/** The largest lag of each instance, and its lag at the end. */
function inWords(series: readonly Series[]): string {
  const texts = series
    .filter(({ side }) => side === "fault" || series.every((one) => one.side === "control"))
    .map(({ name, points }) => {
      const most = points.reduce((high, [, value]) => Math.max(high, value), 0);
      const last = points.at(-1)?.[1] ?? 0;
      return `${visible(name)}: at most ${countText(most, "change")} behind, ${last === 0 ? "none" : numberText(last)} at the end`;
    });
  return texts.join("; ");
}
