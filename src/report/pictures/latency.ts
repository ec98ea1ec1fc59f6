/** Read latency and budget, the faulty run above its control, on a logarithmic scale. */

import { budget } from "../../check/documented-settings.ts";
import type { FaultWindow, Series } from "../../evidence/evidence.ts";
import { numberText } from "../../evidence/words.ts";
import { type Html, html } from "../page/html.ts";
import { drawnText, text } from "../page/text.ts";
import { texts } from "../texts/dictionary.ts";
import type { Words } from "../texts/words.ts";
import { bandNames, faultBands, frame, round, type TimeAxis, timeTicks } from "./axis.ts";
import { type LatencyScale, latencyScale } from "./latency-scale.ts";
import type { Picture } from "./picture.ts";
import { stallBand, stallSize, stallsInWords } from "./stalls.ts";
import { valuePlaces } from "./value-places.ts";

const top = bandNames.height;
const bottom = top + 200;
/** Columns of time. Each keeps its fastest and its slowest read, so that the picture stays small and no peak is lost. */
const columns = 400;
export function latencyPicture(series: readonly Series[], faults: readonly FaultWindow[], axis: TimeAxis): Picture {
  const latencies = series.filter((one) => one.kind === "latency_ms");
  const control = pointsOf(latencies, "control");
  const fault = pointsOf(latencies, "fault");
  const scale = latencyScale([...control, ...fault].map(([, milliseconds]) => milliseconds));
  const y: Place = (milliseconds) => round(bottom - scale.at(milliseconds) * (bottom - top));
  const limit = numberText(budget);
  const stalls = stallSize(series);
  return {
    title: texts.latency.title,
    see: texts.latency.see(limit),
    found: [
      html`<span class="key fault-side"></span>${text(summary(texts.sides.fault, fault))} <span class="key control"></span>${text(summary(texts.sides.control, control))}`,
      html`${text(stallsInWords(series))} ${text(texts.hover)}`,
    ],
    svg: (
      labelledBy,
    ) => html`<svg viewBox="0 0 ${frame.width} ${bottom + stalls + 24}" role="img" aria-labelledby="${labelledBy}">
${faultBands(axis, faults, bottom)}${grid(scale, y)}
<path class="dots control" d="${dots(control, axis, y)}"/><path class="dots fault-side" d="${dots(fault, axis, y)}"/>
<line class="budget" x1="${frame.left}" x2="${frame.width - frame.right}" y1="${y(budget)}" y2="${y(budget)}"/>
<text class="budget-label" x="${frame.width - frame.right - 4}" y="${y(budget) - 5}" text-anchor="end">${drawnText(texts.latency.budget(limit))}</text>
${stallBand(series, axis, bottom)}${valuePlaces(top, bottom, (from, to) => slowestIn([fault, control], from * axis.end, to * axis.end))}${timeTicks(axis, bottom + stalls)}</svg>`,
  };
}

/** The height of a latency in the picture. */
type Place = (milliseconds: number) => number;
type Point = readonly [at: number, milliseconds: number];

function pointsOf(series: readonly Series[], side: Series["side"]): readonly Point[] {
  return series.filter((one) => one.side === side).flatMap((one) => one.points);
}

/** `1.5 s: 31 / 0.4 ms`; null: no read began then. */
function slowestIn(sides: readonly (readonly Point[])[], from: number, to: number): string | null {
  const slowest = sides.map((points) =>
    points.reduce((most, [at, took]) => (at >= from && at < to ? Math.max(most, took) : most), -1),
  );
  if (slowest.every((took) => took < 0)) return null;
  const words = slowest.map((took) => (took < 0 ? "–" : numberText(took)));
  return `${numberText(from / 1000)} s: ${words.join(" / ")} ms`;
}

function grid({ powers }: LatencyScale, y: Place): Html {
  return html`${powers.map(
    (value) =>
      html`<line class="grid" x1="${frame.left}" x2="${frame.width - frame.right}" y1="${y(value)}" y2="${y(value)}"/><text class="tick" x="${frame.left - 8}" y="${y(value) + 4}" text-anchor="end">${numberText(value)} ms</text>`,
  )}`;
}

/** One path of zero-length strokes with round caps, the shortest notation for thousands of dots. */
function dots(points: readonly Point[], axis: TimeAxis, y: Place): string {
  const extremes = new Map<number, { low: number; high: number }>();
  for (const [at, milliseconds] of points) {
    const column = Math.floor((at / axis.end) * columns);
    const seen = extremes.get(column);
    if (seen === undefined) extremes.set(column, { low: milliseconds, high: milliseconds });
    else extremes.set(column, { low: Math.min(seen.low, milliseconds), high: Math.max(seen.high, milliseconds) });
  }
  return [...extremes]
    .flatMap(([column, { low, high }]) => {
      const x = axis.x((column / columns) * axis.end);
      return (low === high ? [low] : [low, high]).map((value) => `M${x} ${y(value)}h0`);
    })
    .join("");
}

/** It has no percentiles, because the series holds only the slowest read of each slice of time. The picture of the margin has them. */
function summary(side: Words, points: readonly Point[]): Words {
  if (points.length === 0) return texts.latency.none(side);
  const slowest = points.reduce((most, [, milliseconds]) => Math.max(most, milliseconds), 0);
  return texts.latency.slowest(side, numberText(slowest));
}
