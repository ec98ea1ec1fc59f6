/** How many states an exploration first saw after so many steps: whether it came to an end, and where most of the states are. */

import { scaleLinear, scaleSymlog } from "d3-scale";
import { line } from "d3-shape";
import type { ExploredModel, LayerEvidence } from "../../../evidence/evidence.ts";
import { numberText } from "../../../evidence/words.ts";
import { type Html, html } from "../../page/html.ts";
import { clipped, text } from "../../page/text.ts";
import { texts } from "../../texts/dictionary.ts";
import { omittedSentences } from "../../texts/omitted.ts";
import { frame, round } from "../axis.ts";
import type { Picture } from "../picture.ts";
import { valuePlaces } from "../value-places.ts";

const top = 12;
const bottom = top + 150;
/** More curves look alike. */
const mostModels = 6;

/** null: no layer says how many states there are at each depth. */
export function exploredPicture(layers: readonly LayerEvidence[]): Picture | null {
  const all = distinct(layers.flatMap((layer) => layer.explored ?? []));
  const models = all.slice(0, mostModels);
  if (models.length === 0) return null;
  const deepest = models.reduce((most, { levels }) => Math.max(most, levels.length), 1);
  const widest = models.reduce((most, { levels }) => levels.reduce((high, count) => Math.max(high, count), most), 1);
  const x = scaleLinear([0, deepest], [frame.left, frame.width - frame.right]);
  const y = scaleSymlog([0, widest], [bottom, top]);
  const { exploration } = texts;
  return {
    title: exploration.title,
    see: exploration.see,
    found: [
      ...models.map((model, index) => html`<span class="key curve-${index}"></span>${inWords(model)}`),
      ...omittedSentences(all.length - models.length),
    ],
    svg: (
      labelledBy,
    ) => html`<svg viewBox="0 0 ${frame.width} ${bottom + 24}" role="img" aria-labelledby="${labelledBy}">
${powersTo(widest).map((count) => html`<line class="grid" x1="${frame.left}" x2="${frame.width - frame.right}" y1="${round(y(count))}" y2="${round(y(count))}"/><text class="tick" x="${frame.left - 8}" y="${round(y(count)) + 4}" text-anchor="end">${numberText(count)}</text>`)}
${x
  .ticks(10)
  .filter(Number.isInteger)
  .map(
    (depth) =>
      html`<text class="tick" x="${round(x(depth))}" y="${bottom + frame.labelHeight}" text-anchor="middle">${depth}</text>`,
  )}
${models.map(({ complete, levels }, index) => curve(complete ? [...levels, 0] : levels, index, { x, y }))}
${valuePlaces(top, bottom, (from) => valuesAt(models, Math.round(from * deepest)))}</svg>`,
  };
}

/** Each of several merged runs may have explored the same. */
function distinct(models: readonly ExploredModel[]): readonly ExploredModel[] {
  return [...new Map(models.map((model) => [JSON.stringify(model), model])).values()];
}

interface Scales {
  x(depth: number): number;
  y(count: number): number;
}

/** The last level of a complete exploration has no further state. */
function curve(levels: readonly number[], index: number, { x, y }: Scales): Html {
  const drawn = line<number>()
    .x((_, depth) => round(x(depth)))
    .y((count) => round(y(count)));
  return html`<path class="curve curve-${index}" d="${drawn([...levels]) ?? ""}"/>`;
}

/** 0 and the powers of ten, every second one where there are many. */
function powersTo(most: number): readonly number[] {
  const highest = Math.floor(Math.log10(most));
  const step = highest > 5 ? 2 : 1;
  return [0, ...Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) => 10 ** (index * step))];
}

function valuesAt(models: readonly ExploredModel[], depth: number): string | null {
  const counts = models.map(({ levels }) => levels[depth]);
  if (counts.every((count) => count === undefined)) return null;
  return `${depth}: ${counts.map((count) => (count === undefined ? "–" : numberText(count))).join(" / ")}`;
}

function inWords({ complete, levels, model, scope }: ExploredModel): Html {
  const { exploration } = texts;
  const states = levels.reduce((sum, count) => sum + count, 0);
  const name = `${clipped(model, 40)} ${clipped(scope, 80)}`;
  return html`${text(exploration.model(name, numberText(states), numberText(levels.length)))}, ${text(complete ? exploration.complete : exploration.cut)}`;
}
