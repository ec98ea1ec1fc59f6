/**
 * How much of the budget the reads left, as tail distributions (CCDF) on one axis: under faults, in the control run, and for the lateness of the
 * machine alone. Where the reads are no further left than the machine, the machine may be the cause; where they are, it is not.
 */

import { budget } from "../../check/documented-settings.ts";
import type { Series } from "../../evidence/evidence.ts";
import { numberText } from "../../evidence/words.ts";
import { type Html, html, nothing } from "../page/html.ts";
import { drawnText, text } from "../page/text.ts";
import { texts } from "../texts/dictionary.ts";
import type { Words } from "../texts/words.ts";
import { frame, round } from "./axis.ts";
import type { Picture } from "./picture.ts";
import { valuePlaces } from "./value-places.ts";

/** The right edge: an immediate answer. */
const most = budget;
/** The left edge, where larger excesses are drawn too: 0 where nothing exceeded the budget, else the nearest that shows it. */
const edges = [0, -10, -50] as const;
const step = 10;
const top = 12;
const bottom = top + 200;
const height = bottom + 36;
/** The axis of shares reaches at least one in a thousand. */
const fewestDecades = 3;
const mostDecades = 7;

type Point = Series["points"][number];

interface Curve {
  readonly side: Series["side"];
  /** `[margin, share]`, from right to left: the largest margin first. */
  readonly points: readonly Point[];
}

interface Scale {
  readonly decades: number;
  /** The margin at the left edge. */
  readonly least: number;
  x(margin: number): number;
  y(share: number): number;
}

export function marginPicture(series: readonly Series[]): Picture {
  const reads = curvesOf(series, "margin_ms");
  const machine = curvesOf(series, "noise_ms").map(({ points, side }) => ({
    side,
    points: points.map(([late, share]): Point => [budget - late, share]),
  }));
  const scale = scaleOf([...reads, ...machine]);
  const { least, x } = scale;
  const found = [...reads.map(readsInWords), ...machine.map(machineInWords)];
  return {
    ...texts.marginPicture,
    found: [
      ...[...reads, ...machine].map(
        (curve, index) =>
          html`<span class="key ${classOf(curve.side)}"></span>${text(found[index] ?? { en: "", zh: "" })}`,
      ),
      text(texts.hover),
    ],
    svg: (labelledBy) => html`<svg viewBox="0 0 ${frame.width} ${height}" role="img" aria-labelledby="${labelledBy}">
${grid(scale)}${valuePlaces(top, bottom, (from) => shareAt(reads, least + from * (most - least)))}${machine.map((curve) => path(curve, "noise", scale))}${reads.map((curve) => path(curve, "tail", scale))}
<line class="budget" x1="${x(0)}" x2="${x(0)}" y1="${top}" y2="${bottom}"/>
<text class="budget-label" x="${x(0) + 5}" y="${top + 11}">${drawnText(texts.marginPicture.usedUp(String(budget)))}</text>
<text class="tick" x="${frame.width - frame.right}" y="${bottom + 31}" text-anchor="end">${drawnText(texts.marginPicture.axis(String(budget)))}</text></svg>`,
  };
}

function curvesOf(series: readonly Series[], kind: Series["kind"]): readonly Curve[] {
  return series.filter((one) => one.kind === kind && one.points.length > 0);
}

function scaleOf(curves: readonly Curve[]): Scale {
  const points = curves.flatMap((curve) => curve.points);
  const smallest = points.reduce((low, [, share]) => (share > 0 ? Math.min(low, share) : low), 1);
  const worst = points.reduce((low, [margin]) => Math.min(low, margin), most);
  const decades = Math.min(mostDecades, Math.max(fewestDecades, Math.ceil(-Math.log10(smallest))));
  const least = edges.find((edge) => worst >= edge) ?? -50;
  const width = frame.width - frame.left - frame.right;
  return {
    decades,
    least,
    x: (margin) => round(frame.left + ((Math.min(most, Math.max(least, margin)) - least) / (most - least)) * width),
    y: (share) =>
      round(top + (Math.min(decades, -Math.log10(Math.max(share, Number.MIN_VALUE))) / decades) * (bottom - top)),
  };
}

function grid({ decades, least, x, y }: Scale): Html {
  const shares = Array.from({ length: decades + 1 }, (_, power) => 10 ** -power);
  const margins = Array.from({ length: (most - least) / step + 1 }, (_, index) => most - index * step);
  return html`${shares.map(
    (share) =>
      html`<line class="grid" x1="${frame.left}" x2="${frame.width - frame.right}" y1="${y(share)}" y2="${y(share)}"/><text class="tick" x="${frame.left - 8}" y="${y(share) + 4}" text-anchor="end">${percent(share)}</text>`,
  )}${margins.map((margin) =>
    margin === least && margin < 0
      ? html`<text class="tick" x="${x(margin)}" y="${bottom + frame.labelHeight}" text-anchor="start">≤ ${margin}</text>`
      : html`<text class="tick" x="${x(margin)}" y="${bottom + frame.labelHeight}" text-anchor="middle">${margin}</text>`,
  )}`;
}

/** A step line: between two values the share is that of the next; at the end it falls to zero. */
function path({ points, side }: Curve, kind: "tail" | "noise", { x, y }: Scale): Html {
  const [first] = points;
  if (first === undefined) return nothing;
  const start = kind === "tail" ? `M${x(most)} ${y(1)}H${x(first[0])}` : `M${x(first[0])} ${y(first[1])}`;
  const steps = points.map(([margin, share]) => `V${y(share)}H${x(margin)}`).join("");
  return html`<path class="${kind} ${classOf(side)}" d="${`${start}${steps}V${bottom}`}"/>`;
}

/** `24 ms: 0.1 % / 0 %`: the share of the reads of each curve that left at most so much. */
function shareAt(curves: readonly Curve[], margin: number): string {
  const shares = curves.map(({ points }) => points.find(([left]) => left <= margin)?.[1] ?? 0);
  return `${numberText(margin)} ms: ${shares.map((share) => `${numberText(share * 100)} %`).join(" / ")}`;
}

function classOf(side: Series["side"]): string {
  return side === "fault" ? "fault-side" : "control";
}

/** The smallest share is that of one read. */
function readsInWords({ points, side }: Curve): Words {
  const last = points.at(-1) ?? [Number.NaN, 1];
  const count = Math.round(1 / last[1]);
  const shares = [marginAt(points, 0.5), marginAt(points, 0.01), last[0]].map(numberText);
  const [half = "", most99 = "", all = ""] = shares;
  return texts.marginPicture.reads(texts.sides[side], numberText(count), [half, most99, all]);
}

function machineInWords({ points, side }: Curve): Words {
  const late = (share: number) => numberText(budget - marginAt(points, share));
  const longest = numberText(budget - (points.at(-1)?.[0] ?? budget));
  return texts.marginPicture.machine(texts.sides[side], late(0.01), longest);
}

/** The smallest margin that at most this share of the reads missed. */
function marginAt(points: readonly Point[], share: number): number {
  return points.findLast(([, below]) => below >= share)?.[0] ?? points[0]?.[0] ?? Number.NaN;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(1))} %`;
}
