/** The figures of a property as a table: a row for each scenario, layer and side, a column for each figure. */

import type { Figure, LayerEvidence, LayerName } from "../../evidence/evidence.ts";
import { numberText } from "../../evidence/words.ts";
import { texts } from "../texts/dictionary.ts";
import { aggregations, figureOf, units } from "../texts/figures.ts";
import { ofWords, placeOf, shareLeft, sideWords, thresholdOf } from "../texts/measured.ts";
import { layerWords } from "../texts/names.ts";
import { omittedNote } from "../texts/omitted.ts";
import { type Html, html, nothing } from "./html.ts";
import { clipped, pictureAddress, text } from "./text.ts";

/** The scenarios that have pictures, with their kinds in the order of the page. */
export type Drawn = ReadonlyMap<string, readonly string[]>;

interface Row {
  readonly layer: LayerName;
  readonly of: string | undefined;
  readonly figures: readonly Figure[];
}

/** Columns of foreign evidence may be any number. */
const mostColumns = 24;
/** Bytes of a table; a page has one for each property. */
const mostBytes = 24_000;
const longest = 80;

export function figureTable(layers: readonly LayerEvidence[], id: string, drawn: Drawn): Html {
  const rows = layers.flatMap(({ name, properties }) =>
    properties.filter((part) => part.id === id).flatMap((part) => rowsOf(name, part.figures)),
  );
  if (rows.length === 0) return html`<p class="soft">${text(texts.noFigures)}</p>`;
  const names = columnsOf(rows);
  const kept: Html[] = [];
  let bytes = 0;
  for (const row of rows.toSorted(byMargin)) {
    const drawnRow = tableRow(row, names, (scenario) => pictureOf(id, scenario, drawn));
    bytes += Buffer.byteLength(drawnRow.text);
    if (bytes > mostBytes) break;
    kept.push(drawnRow);
  }
  const rest = rows.length - kept.length;
  return html`<h3 id="figures-${id}">${id}: ${text(texts.figures)}</h3><div class="scroll" tabindex="0" role="region" aria-labelledby="figures-${id}"><table><thead><tr><th scope="col">${text(texts.scenario)}</th><th scope="col">${text(texts.layer)}</th><th scope="col">${text(texts.side)}</th>${names.map(columnHead)}<th scope="col" class="number">${text(texts.left)}</th></tr></thead><tbody>
${kept}</tbody></table></div>${omittedNote(rest)}`;
}

function rowsOf(layer: LayerName, figures: readonly Figure[]): readonly Row[] {
  return [...Map.groupBy(figures, ({ of }) => of)].map(([of, own]) => ({ layer, of, figures: own }));
}

/** Counts first, then from the median to the worst, and last what is neither good nor bad, such as the lateness of the machine. */
function columnsOf(rows: readonly Row[]): readonly string[] {
  const names = new Set(rows.flatMap(({ figures }) => figures.map(({ name }) => name)));
  const rank = (name: string) => {
    const { aggregation, direction } = figureOf(name);
    const isBeside = direction === "none" && aggregation !== "count";
    return aggregations.indexOf(aggregation) + (isBeside ? aggregations.length : 0);
  };
  return [...names].toSorted((one, other) => rank(one) - rank(other)).slice(0, mostColumns);
}

/** The smallest share of a threshold that is left; undefined: no figure has one. */
function leftOf({ figures }: Row): number | undefined {
  const shares = figures.flatMap((figure) => {
    const threshold = thresholdOf(figure);
    return threshold === null ? [] : (shareLeft(figure.value, threshold) ?? []);
  });
  return shares.length === 0 ? undefined : Math.min(...shares);
}

function byMargin(one: Row, other: Row): number {
  return (leftOf(one) ?? 2) - (leftOf(other) ?? 2);
}

function columnHead(name: string): Html {
  const { label, unit } = figureOf(name);
  const word = (each: string, of: string) => (of === "" ? clipped(each, longest) : `${clipped(each, longest)}, ${of}`);
  return html`<th scope="col" class="number">${text({ en: word(label.en, units[unit].en), zh: word(label.zh, units[unit].zh) })}</th>`;
}

/** The pictures that support a property; of the others the first one is shown. */
const supporting: Readonly<Record<string, readonly string[]>> = {
  D1: ["margin", "distribution", "latency"],
  D2: ["mode"],
  D3: ["mode"],
  D5: ["mode"],
  D6: ["mode"],
  V3: ["convergence"],
  V4: ["convergence"],
  N2: ["convergence"],
};

/** The address of the picture of a scenario that supports a property; undefined: there is none. */
function pictureOf(id: string, scenario: string, drawn: Drawn): string | undefined {
  // Where several merged runs have it, the first of them.
  const own = drawn.has(scenario) ? scenario : [...drawn.keys()].find((one) => one.startsWith(`${scenario}, part-`));
  const kinds = own === undefined ? [] : (drawn.get(own) ?? []);
  const kind = supporting[id]?.find((each) => kinds.includes(each)) ?? kinds[0];
  return own === undefined || kind === undefined ? undefined : pictureAddress(own, kind);
}

/** Links to the pictures that support a property, of every scenario. */
export function pictureLinks(id: string, drawn: Drawn): Html {
  const links = [...drawn].flatMap(([scenario, kinds]) =>
    kinds.some((kind) => supporting[id]?.includes(kind))
      ? [html` <a href="#${pictureOf(id, scenario, drawn) ?? ""}">${clipped(scenario, longest)}</a>`]
      : [],
  );
  return links.length === 0 ? nothing : html`<p>${text(texts.picture)}:${links}</p>`;
}

function tableRow(row: Row, names: readonly string[], addressOf: (scenario: string) => string | undefined): Html {
  const { figures, layer, of } = row;
  const { scenario, side } = placeOf(of);
  const address = addressOf(scenario);
  const known = side === "" ? ofWords(scenario) : { en: scenario, zh: scenario };
  const name = text({ en: clipped(known.en, longest), zh: clipped(known.zh, longest) });
  const place = address === undefined ? name : html`<a href="#${address}">${name}</a>`;
  const left = leftOf(row);
  const cells = names.map((each) => {
    const figure = figures.find((one) => one.name === each);
    return html`<td class="number">${figure === undefined ? nothing : cellText(figure)}</td>`;
  });
  return html`<tr><th scope="row">${place}</th><td>${text(layerWords[layer])}</td><td>${text(sideWords(side))}</td>${cells}<td class="number">${left === undefined ? nothing : `${numberText(left * 100)} %`}</td></tr>
`;
}

/** `39.7 of at most 50`: the unit is in the head of the column. */
function cellText(figure: Figure): Html {
  const threshold = thresholdOf(figure);
  const value = numberText(figure.value);
  if (threshold === null) return html`${value}`;
  const limit = numberText(threshold.value);
  return html`${value} <span class="soft">${threshold.direction === "at_most" ? "≤" : "≥"} ${limit}</span>`;
}
