/** The layers, the scenarios that were run again, the mutants, and what the figures mean. */

import type { LayerEvidence, MutantEvidence, RepeatEvidence } from "../../evidence/evidence.ts";
import { attemptLines, durationText, numberText, repeatText } from "../../evidence/words.ts";
import type { Composed } from "../document/compose.ts";
import { survivorsFirst } from "../pictures/whole/kills.ts";
import { texts } from "../texts/dictionary.ts";
import { figureTexts, units } from "../texts/figures.ts";
import { layerWords } from "../texts/names.ts";
import { omittedNote } from "../texts/omitted.ts";
import { verdictMark } from "./first-screen.ts";
import { type Html, html, nothing } from "./html.ts";
import { tokenLine } from "./property-section.ts";
import { clipped, text } from "./text.ts";
import { exploredBlock, killBlock, stepsBlock } from "./whole-pictures.ts";

const mostRows = 300;
const longest = 300;
const longestReason = 2_000;

export function layersSection(composed: Composed): Html {
  const { layers } = composed;
  return html`<h2 id="layers">${text(texts.layers)}</h2><div class="scroll" tabindex="0" role="region" aria-labelledby="layers"><table>
${layers.map(
  ({ duration_ms, name, reason, runs, verdict }) =>
    html`<tr><th scope="row">${text(layerWords[name])}</th><td>${verdictMark(verdict)}</td><td class="number">${text(texts.runs(numberText(runs)))}</td><td class="number">${durationText(duration_ms)}</td><td>${reason === undefined ? nothing : html`<samp>${clipped(reason, longestReason)}</samp>`}</td></tr>
`,
)}</table></div>${stepsBlock(composed)}${exploredBlock(composed)}${repeatsList(layers)}${mutantsTable(composed)}`;
}

/** Scenarios that were run again on their seed, with the result of each run. */
function repeatsList(layers: readonly LayerEvidence[]): Html {
  const repeats = layers.flatMap((layer) => layer.repeats ?? []);
  if (repeats.length === 0) return nothing;
  const block = (repeat: RepeatEvidence) =>
    html`<p><samp>${clipped(repeatText(repeat), longest)}</samp></p>${attemptLines(repeat).map((line) => html`<p class="soft"><samp>${clipped(line, longest)}</samp></p>`)}<p>${tokenLine(repeat.token)}</p>`;
  return html`<details id="repeated"><summary>${text(texts.repeated)}: ${numberText(repeats.length)}</summary><div>${repeats.slice(0, mostRows).map(block)}${omittedNote(repeats.length - mostRows)}</div></details>`;
}

function mutantsTable(composed: Composed): Html {
  const mutants = composed.layers.flatMap((layer) => layer.mutants);
  if (mutants.length === 0) return nothing;
  const killed = mutants.filter(({ verdict }) => verdict === "killed").length;
  const score = texts.mutationScore(String(killed), String(mutants.length));
  return html`<details id="mutants"><summary>${text(texts.mutants)}: ${text(score)}</summary><div>${killBlock(composed)}<div class="scroll" tabindex="0" role="region" aria-labelledby="mutants"><table><thead><tr><th scope="col">${text(texts.mutant)}</th><th scope="col">${text(texts.layer)}</th><th scope="col">${text(texts.verdict)}</th><th scope="col">${text(texts.property)}</th><th scope="col" class="number">${text(texts.runsToKill)}</th></tr></thead><tbody>
${survivorsFirst(mutants).slice(0, mostRows).map(mutantRow)}</tbody></table></div>${omittedNote(mutants.length - mostRows)}</div></details>`;
}

function mutantRow({ id, layer, origin, property, runs_to_kill, verdict }: MutantEvidence): Html {
  return html`<tr><th scope="row">${clipped(id, longest)}<br><span class="soft">${clipped(origin, longest)}</span></th><td>${text(layerWords[layer])}</td><td><span class="verdict ${verdict}">${text(texts.mutantVerdicts[verdict])}</span></td><td><a href="#${property}">${property}</a></td><td class="number">${runs_to_kill ?? "—"}</td></tr>
`;
}

/** The figures of this report that the registry has. */
export function figureTextsSection({ properties, report }: Composed): Html {
  const names = new Set([
    ...properties.flatMap(({ figures }) => figures.map(({ name }) => name)),
    ...report.checklist.flatMap(({ figures }) => figures.map(({ name }) => name)),
  ]);
  const known = [...figureTexts].filter(([id]) => names.has(id));
  if (known.length === 0) return nothing;
  const rows = known.map(
    ([, { direction, label, meaning, unit }]) =>
      html`<div><dt>${text(label)}${units[unit].en === "" ? nothing : html`, ${text(units[unit])}`}</dt><dd>${text(meaning)}; ${text(texts.better[direction])}</dd></div>`,
  );
  return html`<details class="meanings" id="meanings"><summary>${text(texts.meanings)}: ${numberText(known.length)}</summary><div><dl class="facts">${rows}</dl></div></details>`;
}
