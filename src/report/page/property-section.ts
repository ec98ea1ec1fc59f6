/** The evidence of each property: what it claims, its figures, and the tokens that run it again. */

import type { PropertyId } from "../../check/properties.ts";
import { verdicts } from "../../check/verdict.ts";
import { type LayerEvidence, layerNames, type PropertyEvidence } from "../../evidence/evidence.ts";
import { numberText, reasonOf, replayCommand, verdictWords } from "../../evidence/words.ts";
import type { Composed } from "../document/compose.ts";
import { texts } from "../texts/dictionary.ts";
import { figureOf, units } from "../texts/figures.ts";
import { measuredWords, placeOf, shareLeft, thresholdOf } from "../texts/measured.ts";
import { layerWords } from "../texts/names.ts";
import { omittedNote } from "../texts/omitted.ts";
import { propertyWords } from "../texts/property-words.ts";
import { spaced } from "../texts/spaced.ts";
import { same, type Words } from "../texts/words.ts";
import { type Drawn, figureTable, pictureLinks } from "./figure-table.ts";
import { verdictMark } from "./first-screen.ts";
import { type Html, html, nothing } from "./html.ts";
import { addressOf, clipped, text } from "./text.ts";

const mostTokens = 20;
const mostLinks = 20;
const longestToken = 2_000;
const longestReason = 1_500;

export function propertiesSection(composed: Composed, drawn: Drawn): Html {
  return html`<h2 id="properties">${text(texts.properties)}</h2>${filterBar(composed)}
${composed.properties.map((part) => propertyRow(part, composed, drawn))}`;
}

/** Only for scripts: without one it stays hidden. */
function filterBar({ layers, report }: Composed): Html {
  const scenarios = [...new Set([...layers.flatMap(scenariosOf)])].toSorted();
  const choose = (id: string, label: Words, options: readonly (readonly [value: string, words: Words])[]): Html =>
    html`<label>${text(label)}<select id="filter-${id}"><option value="" data-en="${texts.all.en}" data-zh="${texts.all.zh}">${texts.all.en}</option>${options.map(([value, { en, zh }]) => html`<option value="${value}" data-en="${en}" data-zh="${zh}">${en}</option>`)}</select></label>`;
  return html`<div class="filter" id="filter" hidden role="search">${choose(
    "verdict",
    texts.verdict,
    verdicts.map((verdict) => [verdict, verdictWords[verdict]]),
  )}${choose(
    "layer",
    texts.layer,
    layerNames
      .filter((name) => report.layers.some((layer) => layer.name === name))
      .map((name) => [name, layerWords[name]]),
  )}${choose(
    "scenario",
    texts.scenario,
    scenarios.slice(0, 200).map((name) => [addressOf(name), same(clipped(name, 80))]),
  )}<label>${text(texts.text)}<input id="filter-text" type="search"></label><output id="filter-count"></output> <span class="soft keys">${text(texts.keys)}</span></div>`;
}

function scenariosOf({ properties, violations }: LayerEvidence): readonly string[] {
  const measured = properties.flatMap(({ figures }) => figures.map(({ of }) => placeOf(of)));
  return [
    ...measured.filter(({ side }) => side !== "").map(({ scenario }) => scenario),
    ...violations.map(({ scenario }) => scenario),
  ];
}

/** Returns the addresses that the filter compares, as the value of an attribute. */
export function addressesOf(scenarios: readonly string[]): string {
  return [...new Set(scenarios.map(addressOf))].slice(0, 100).join(" ");
}

function propertyRow(part: PropertyEvidence, composed: Composed, drawn: Drawn): Html {
  const { exercised, id, verdict } = part;
  const words = propertyWords(id);
  const claim = { en: spaced(words.claim.en), zh: spaced(words.claim.zh) };
  const layers = composed.layers.filter(({ properties }) =>
    properties.some((each) => each.id === id && each.exercised > 0),
  );
  const places = part.figures.map(({ of }) => placeOf(of)).filter(({ side }) => side !== "");
  const scenarios = places.map(({ scenario }) => scenario);
  return html`<details class="property" id="${id}" data-verdict="${verdict}" data-layer="${layers.map(({ name }) => name).join(" ")}" data-scenario="${addressesOf(scenarios)}"><summary><span class="row"><b>${id}</b><span class="claim">${text(claim)}</span><span class="figure">${nearest(part)}</span>${propertyMark(part)}</span></summary><div>
<p>${text(words.compared(exercised) ?? texts.comparisons(numberText(exercised)))} · ${layers.map(({ name }, index) => html`${index === 0 ? nothing : ", "}${text(layerWords[name])}`)}</p><p class="soft">${text(texts.premise)}: ${text({ en: spaced(words.premise.en), zh: spaced(words.premise.zh) })}.</p>${whyOpen(part)}${lineLinks(id, composed)}${violationLinks(id, composed)}${pictureLinks(id, drawn)}
${figureTable(composed.layers, id, drawn)}${tokenList(part)}</div></details>
`;
}

function propertyMark(part: PropertyEvidence): Html {
  if (part.not_asked !== undefined) return html`<span class="verdict">${text(texts.notAsked)}</span>`;
  return verdictMark(part.verdict);
}

/** The figure with the least room to its threshold, else the number of comparisons. */
function nearest({ exercised, figures }: PropertyEvidence): Html {
  const judged = figures.flatMap((figure) => {
    const threshold = thresholdOf(figure);
    const left = threshold === null ? null : shareLeft(figure.value, threshold);
    return left === null ? [] : [{ figure, threshold, left }];
  });
  const [least] = judged.toSorted((one, other) => one.left - other.left);
  if (least === undefined) return text(texts.comparisons(numberText(exercised)));
  const { figure, threshold } = least;
  const { label, value } = measuredWords({ name: figure.name, value: figure.value, of: null }, threshold);
  const isBare = units[figureOf(figure.name).unit].en === "";
  if (!isBare || label === null) return text(value);
  return text({ en: `${label.en}: ${value.en}`, zh: `${label.zh}：${value.zh}` });
}

function whyOpen(part: PropertyEvidence): Html {
  const why = part.not_asked ?? (part.verdict === "held" ? undefined : part.reason);
  if (part.verdict === "not_exercised" && part.not_asked === undefined) {
    return html`<p>${text(texts.neverMet)}${why === undefined ? nothing : html` <samp>${clipped(why, longestReason)}</samp>`}</p>`;
  }
  if (why === undefined) return nothing;
  return html`<p>${text(texts.reason)}: <samp>${clipped(reasonOf({ ...part, reason: why }), longestReason)}</samp></p>`;
}

function lineLinks(id: PropertyId, { report }: Composed): Html {
  const lines = report.checklist.filter(({ properties }) => properties.includes(id));
  if (lines.length === 0) return nothing;
  const links = lines.map(
    ({ id: line, title }) =>
      html` <a href="#${addressOf(line)}">${text({ en: spaced(title.en), zh: spaced(title.zh) })}</a>`,
  );
  return html`<p class="soft">${text(texts.lines)}:${links}</p>`;
}

function violationLinks(id: PropertyId, { layers }: Composed): Html {
  const all = layers.flatMap(({ violations }) => violations);
  const own = all.flatMap(({ property }, index) => (property === id ? [index + 1] : []));
  if (own.length === 0) return nothing;
  const links = own.slice(0, mostLinks).map((index) => html` <a href="#violation-${index}">${index}</a>`);
  return html`<p>${text(texts.violations)}:${links}</p>${omittedNote(own.length - mostLinks)}`;
}

function tokenList({ id, tokens }: PropertyEvidence): Html {
  if (tokens.length === 0) return nothing;
  return html`<h3 id="tokens-${id}">${text(texts.tokens)}</h3><ul class="tokens">${tokens.slice(0, mostTokens).map((token) => html`<li>${tokenLine(token)}</li>`)}</ul>${omittedNote(tokens.length - mostTokens)}`;
}

/** The command that runs a token again, with a button that copies it. */
export function tokenLine(token: string): Html {
  return html`<code>${replayCommand(clipped(token, longestToken))}</code> <button type="button" class="copy">${text(texts.copy)}</button>`;
}
