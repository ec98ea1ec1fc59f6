/** The matrix property × step: which scenario of which layer tested what. */

import { type PropertyId, propertyIds } from "../../../check/properties.ts";
import { joinVerdicts, type Verdict } from "../../../check/verdict.ts";
import type { LayerEvidence, StepEvidence } from "../../../evidence/evidence.ts";
import { numberText } from "../../../evidence/words.ts";
import { type Html, html, nothing } from "../../page/html.ts";
import { clipped, text } from "../../page/text.ts";
import { texts } from "../../texts/dictionary.ts";
import { omittedSentences } from "../../texts/omitted.ts";
import type { Picture } from "../picture.ts";

/** In CSS pixels of the picture's coordinates. */
const size = 15;
const left = 34;
/** For the names of the steps, which are turned. */
const head = 170;
const mostSteps = 120;
const longestName = 34;

const marks: Readonly<Record<Verdict, string>> = {
  held: "✓",
  violated: "✗",
  unknown: "?",
  broken: "?",
  stale: "?",
  not_exercised: "",
};

interface Cell {
  readonly verdict: Verdict;
  readonly exercised: number;
}

/** null: no layer says which step judged which property. */
export function matrixPicture(layers: readonly LayerEvidence[]): Picture | null {
  const steps = layers.flatMap((layer) => layer.steps ?? []);
  const all = [...Map.groupBy(steps, ({ name }) => name)];
  const isHeld = ([, own]: (typeof all)[number]) => own.every(({ verdict }) => verdict === "held");
  const first = new Set(all.toSorted((one, other) => Number(isHeld(one)) - Number(isHeld(other))).slice(0, mostSteps));
  const columns = all.filter((one) => first.has(one));
  if (columns.length === 0) return null;
  const cells = columns.map(([, own]) => cellsOf(own));
  const width = left + columns.length * size + 100;
  const height = head + propertyIds.length * size + 4;
  const { count, see, title } = texts.matrix;
  return {
    ...{ title, see },
    found: [
      text(count(numberText(propertyIds.length), numberText(columns.length))),
      text(texts.marks),
      ...omittedSentences(all.length - columns.length),
    ],
    svg: (
      labelledBy,
    ) => html`<svg class="matrix" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${labelledBy}">
<rect class="lane" x="${left}" y="${head}" width="${columns.length * size}" height="${propertyIds.length * size}"/>${columns.map(([name], index) => html`<text transform="translate(${left + (index + 0.5) * size + 4} ${head - 6}) rotate(-60)">${clipped(name, longestName)}</text>`)}
${propertyIds.map((id, row) => html`<text x="${left - 6}" y="${head + (row + 0.75) * size}" text-anchor="end">${id}</text>${columns.map(([name], column) => cellOf(cells[column]?.get(id), id, { name, row, column }))}`)}</svg>`,
  };
}

/**
 * A step that ran several times has its worst verdict. One that did not exercise a property says nothing beside one that did, and one that says
 * `held` of nothing has not exercised it.
 */
function cellsOf(steps: readonly StepEvidence[]): ReadonlyMap<PropertyId, Cell> {
  const isSilent = ({ exercised, verdict }: Cell) =>
    verdict === "not_exercised" || (verdict === "held" && exercised === 0);
  const judged = steps.flatMap(({ properties }) => properties).filter((one) => !isSilent(one));
  return new Map(
    [...Map.groupBy(judged, ({ id }) => id)].map(([id, parts]) => [
      id,
      {
        verdict: joinVerdicts(parts.map(({ verdict }) => verdict)),
        exercised: parts.reduce((sum, { exercised }) => sum + exercised, 0),
      },
    ]),
  );
}

interface Place {
  readonly name: string;
  readonly row: number;
  readonly column: number;
}

function cellOf(cell: Cell | undefined, id: PropertyId, { column, name, row }: Place): Html {
  const [x, y] = [left + column * size, head + row * size];
  if (cell === undefined) return nothing;
  const { exercised, verdict } = cell;
  return html`<g class="cell ${verdict}"><title>${id} · ${clipped(name, longestName)}: ${marks[verdict]} ${numberText(exercised)}</title><rect x="${x}" y="${y}" width="${size - 1}" height="${size - 1}"/><text x="${x + 3}" y="${y + 11}">${marks[verdict]}</text></g>`;
}
