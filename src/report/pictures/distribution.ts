/** Which share of the reads ended within a time (ECDF), with faults and without, against the budget. */
import { budget } from "../../check/documented-settings.ts";
import type { Series } from "../../evidence/evidence.ts";
import { numberText } from "../../evidence/words.ts";
import { type Html, html } from "../page/html.ts";
import { drawnText, text } from "../page/text.ts";
import { texts } from "../texts/dictionary.ts";
import type { Words } from "../texts/words.ts";
import { frame, round } from "./axis.ts";
import { latencyScale } from "./latency-scale.ts";
import type { Picture } from "./picture.ts";
import { valuePlaces } from "./value-places.ts";

const top = 12;
const bottom = top + 160;
const height = bottom + 24;

interface Curve {
  readonly side: Series["side"];
  /** `[milliseconds, share of the reads that took at least as long]`, the shortest first. */
  readonly points: Series["points"];
}

/** @param series of the margins: a read that left a margin took the rest of the budget */
export function distributionPicture(series: readonly Series[]): Picture {
  const curves = series
    .filter((one) => one.kind === "margin_ms" && one.points.length > 0)
    .map(({ points, side }): Curve => ({ side, points: points.map(([margin, share]) => [budget - margin, share]) }));
  const scale = latencyScale(curves.flatMap(({ points }) => points.map(([milliseconds]) => milliseconds)));
  const x = (milliseconds: number) =>
    round(frame.left + scale.at(milliseconds) * (frame.width - frame.left - frame.right));
  const limit = numberText(budget);
  return {
    title: texts.distribution.title,
    see: texts.distribution.see(limit),
    found: [
      ...curves.map((curve) => html`<span class="key ${classOf(curve.side)}"></span>${text(inWords(curve))}`),
      text(texts.hover),
    ],
    svg: (labelledBy) => html`<svg viewBox="0 0 ${frame.width} ${height}" role="img" aria-labelledby="${labelledBy}">
${shares.map((share) => html`<line class="grid" x1="${frame.left}" x2="${frame.width - frame.right}" y1="${y(share)}" y2="${y(share)}"/><text class="tick" x="${frame.left - 8}" y="${y(share) + 4}" text-anchor="end">${share * 100} %</text>`)}
${scale.powers.map((value, index) => html`<text class="tick" x="${x(value)}" y="${bottom + frame.labelHeight}" text-anchor="${index === scale.powers.length - 1 ? "end" : "middle"}">${numberText(value)} ms</text>`)}
${curves.map((curve) => steps(curve, x))}<line class="budget" x1="${x(budget)}" x2="${x(budget)}" y1="${top}" y2="${bottom}"/>
<text class="budget-label" x="${x(budget) - 5}" y="${bottom - 6}" text-anchor="end">${drawnText(texts.latency.budget(limit))}</text>${valuePlaces(top, bottom, (_, to) => endedWithin(curves, scale.value(to)))}</svg>`,
  };
}

/** `31 ms: 99.9 % / 100 %`. */
function endedWithin(curves: readonly Curve[], milliseconds: number): string {
  const ended = curves.map(({ points }) => 1 - (points.find(([took]) => took > milliseconds)?.[1] ?? 0));
  return `${numberText(milliseconds)} ms: ${ended.map((share) => `${numberText(share * 100)} %`).join(" / ")}`;
}

const shares = [0, 0.25, 0.5, 0.75, 1];

function y(share: number): number {
  return round(bottom - share * (bottom - top));
}

/** Between two values the share is that of the reads that took less than the next; after the last one all reads have ended. */
function steps({ points, side }: Curve, x: (milliseconds: number) => number): Html {
  const line = points.map(([milliseconds], index) => `H${x(milliseconds)}V${y(1 - (points[index + 1]?.[1] ?? 0))}`);
  return html`<path class="tail ${classOf(side)}" d="M${frame.left} ${y(0)}${line.join("")}H${frame.width - frame.right}"/>`;
}

function classOf(side: Series["side"]): string {
  return side === "fault" ? "fault-side" : "control";
}

function inWords({ points, side }: Curve): Words {
  /** The time within which this share of the reads had ended. */
  const within = (share: number) => {
    const found = points.findLast(([, atLeast]) => atLeast > 1 - share)?.[0] ?? points[0]?.[0];
    return found === undefined ? "" : numberText(found);
  };
  return texts.distribution.within(texts.sides[side], [within(0.5), within(0.99), numberText(points.at(-1)?.[0] ?? 0)]);
}
