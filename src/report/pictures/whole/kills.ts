/** The kill matrix: mutant × layer, with the mutation score of each layer. */

import { type LayerName, layerNames, type MutantEvidence } from "../../../evidence/evidence.ts";
import { numberText } from "../../../evidence/words.ts";
import { type Html, html, nothing } from "../../page/html.ts";
import { clipped, drawnText, text } from "../../page/text.ts";
import { texts } from "../../texts/dictionary.ts";
import { layerWords } from "../../texts/names.ts";
import { omittedSentences } from "../../texts/omitted.ts";
import type { Picture } from "../picture.ts";

/** In CSS pixels of the picture's coordinates. */
const rowHeight = 16;
const column = 76;
const left = 250;
const head = 26;
const mostRows = 300;
const longestName = 40;

const marks: Readonly<Record<MutantEvidence["verdict"], string>> = { killed: "✓", survived: "✗", void: "–" };

/** So that what is left out was killed. */
export function survivorsFirst(mutants: readonly MutantEvidence[]): readonly MutantEvidence[] {
  return mutants.toSorted((one, other) => Number(one.verdict === "killed") - Number(other.verdict === "killed"));
}

/** null: no mutant ran. */
export function killPicture(mutants: readonly MutantEvidence[]): Picture | null {
  if (mutants.length === 0) return null;
  const layers = layerNames.filter((name) => mutants.some(({ layer }) => layer === name));
  const all = [...Map.groupBy(survivorsFirst(mutants), ({ id }) => id)];
  const rows = all.slice(0, mostRows);
  const width = left + layers.length * column + 12;
  const height = head + rows.length * rowHeight + 6;
  const { kills } = texts;
  const scores = layers.map((layer) => text(scoreOf(layer, mutants)));
  return {
    title: kills.title,
    see: kills.see,
    found: [
      html`${scores.map((score, index) => html`${index === 0 ? nothing : " · "}${score}`)}`,
      text(kills.marks),
      ...omittedSentences(all.length - rows.length),
    ],
    svg: (
      labelledBy,
    ) => html`<svg class="matrix" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${labelledBy}">
${layers.map((layer, index) => html`<text x="${left + (index + 0.5) * column}" y="${head - 9}" text-anchor="middle">${drawnText(layerWords[layer])}</text>`)}
${rows.map(([id, own], row) => html`<text x="${left - 8}" y="${head + row * rowHeight + 12}" text-anchor="end">${clipped(id, longestName)}</text>${layers.map((layer, index) => cellOf(own, layer, [left + index * column, head + row * rowHeight]))}`)}</svg>`,
  };
}

function scoreOf(layer: LayerName, mutants: readonly MutantEvidence[]) {
  const own = mutants.filter((one) => one.layer === layer);
  const killed = own.filter(({ verdict }) => verdict === "killed").length;
  return texts.kills.ofLayer(layerWords[layer], numberText(killed), numberText(own.length));
}

/** Where several mutants have one id, one that was not killed counts. */
function cellOf(own: readonly MutantEvidence[], layer: LayerName, [x, y]: readonly [number, number]): Html {
  const here = own.filter((one) => one.layer === layer);
  const found = here.find(({ verdict }) => verdict !== "killed") ?? here[0];
  const place = { x: x + 2, width: column - 4, height: rowHeight - 2 };
  const rect = html`<rect x="${place.x}" y="${y}" width="${place.width}" height="${place.height}"/>`;
  if (found === undefined) return html`<g class="cell">${rect}</g>`;
  const { id, runs_to_kill, verdict } = found;
  const mark = runs_to_kill === null ? marks[verdict] : `${marks[verdict]} ${numberText(runs_to_kill)}`;
  return html`<g class="cell ${verdict}"><title>${clipped(id, longestName)}, ${found.property}: ${mark}</title>${rect}<text x="${x + column / 2}" y="${y + 11}" text-anchor="middle">${mark}</text></g>`;
}
