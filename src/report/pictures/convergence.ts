/** How many changes of the store each instance's view lacks: one strip an instance, the faulty run above its control. */

import type { FaultWindow, Series } from "../../evidence/evidence.ts";
import { numberText } from "../../evidence/words.ts";
import { type Html, html } from "../page/html.ts";
import { drawnText, text } from "../page/text.ts";
import { texts } from "../texts/dictionary.ts";
import { seriesWords } from "../texts/names.ts";
import { bandNames, faultBands, frame, round, type TimeAxis, timeTicks } from "./axis.ts";
import type { Picture } from "./picture.ts";
import { sideKeys } from "./side-keys.ts";
import { valuePlaces } from "./value-places.ts";

const stripHeight = 36;
const gap = 8;
const top = bandNames.height;
/** Further instances are only drawn. */
const mostInWords = 10;

export function convergencePicture(series: readonly Series[], faults: readonly FaultWindow[], axis: TimeAxis): Picture {
  const own = series.filter((one) => one.kind === "behind");
  const names = [...new Set(own.map(({ name }) => name))];
  const highest = own.reduce((most, { points }) => points.reduce((high, [, value]) => Math.max(high, value), most), 1);
  const bottom = top + names.length * (stripHeight + gap);
  return {
    title: texts.convergence.title,
    see: texts.convergence.see(numberText(highest)),
    found: [sideKeys, ...inWords(own), text(texts.hover)],
    svg: (
      labelledBy,
    ) => html`<svg viewBox="0 0 ${frame.width} ${bottom + 24}" role="img" aria-labelledby="${labelledBy}">
${faultBands(axis, faults, bottom)}${names.map((name, index) => {
  const base = top + index * (stripHeight + gap) + stripHeight;
  return strip(
    own.filter((one) => one.name === name),
    { axis, base, highest },
  );
})}${names.map((name, index) => {
  const y = top + index * (stripHeight + gap);
  const sides = (["fault", "control"] as const).map((side) =>
    own.find((one) => one.name === name && one.side === side),
  );
  return valuePlaces(y, y + stripHeight, (_, to) => lagsAt(sides, to * axis.end));
})}${timeTicks(axis, bottom)}</svg>`,
  };
}

/** `1.5 s: 40 / 0`. */
function lagsAt(sides: readonly (Series | undefined)[], at: number): string {
  const lags = sides.map((one) =>
    one === undefined ? "–" : numberText(one.points.findLast(([from]) => from <= at)?.[1] ?? 0),
  );
  return `${numberText(at / 1000)} s: ${lags.join(" / ")}`;
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
  return html`<line class="grid" x1="${frame.left}" x2="${frame.width - frame.right}" y1="${base}" y2="${base}"/><text class="tick" x="${frame.left - 8}" y="${base - 12}" text-anchor="end">${drawnText(seriesWords(series[0]?.name ?? ""))}</text>${inOrder.map((one) => steps(one, place))}`;
}

function steps({ points, side }: Series, { axis, base, highest }: Strip): Html {
  const y = (value: number) => round(base - (Math.min(highest, value) / highest) * stripHeight);
  const line = points.map(([at, value]) => `H${axis.x(at)}V${y(value)}`).join("");
  const drawn = `M${axis.x(0)} ${base}${line}H${axis.x(axis.end)}V${base}`;
  return html`<path class="behind ${side === "fault" ? "fault-side" : "control"}" d="${drawn}"/>`;
}

/** The largest lag of each instance, and its lag at the end. */
function inWords(series: readonly Series[]): readonly Html[] {
  return series
    .filter(({ side }) => side === "fault" || series.every((one) => one.side === "control"))
    .slice(0, mostInWords)
    .map(({ name, points }) => {
      const most = points.reduce((high, [, value]) => Math.max(high, value), 0);
      const last = points.at(-1)?.[1] ?? 0;
      return text(texts.convergence.lag(seriesWords(name), numberText(most), numberText(last)));
    });
}
