/** The pictures of a whole run. Each stands beside what it supports, closed; where its evidence is missing the page says so in words. */
import type { LayerEvidence } from "../../evidence/evidence.ts";
import type { Composed } from "../document/compose.ts";
import type { Picture } from "../pictures/picture.ts";
import { exploredPicture } from "../pictures/whole/explored.ts";
import { killPicture } from "../pictures/whole/kills.ts";
import { matrixPicture } from "../pictures/whole/matrix.ts";
import { stepsPicture } from "../pictures/whole/steps.ts";
import { texts } from "../texts/dictionary.ts";
import type { Words } from "../texts/words.ts";
import { type Html, html, nothing } from "./html.ts";
import { text } from "./text.ts";

/** The most seeds of a merged report whose steps are drawn: the page stays small whatever was merged. */
const mostSeeds = 16;

export function matrixBlock({ layers }: Composed): Html {
  return closed("matrix", matrixPicture(layers), texts.matrix.none, wideFigure);
}

export function killBlock({ layers }: Composed): Html {
  const picture = killPicture(layers.flatMap(({ mutants }) => mutants));
  return picture === null ? nothing : wideFigure("kills", picture);
}

export function exploredBlock({ layers }: Composed): Html {
  const isExplored = layers.some(({ name }) => name === "explore");
  return isExplored ? closed("exploration", exploredPicture(layers), texts.exploration.none) : nothing;
}

/** Merged runs have no common clock: the steps of each seed have a picture of their own. */
export function stepsBlock({ layers, report }: Composed): Html {
  const { ran } = texts;
  if (report.environment.merged_from === undefined) return closed("ran", stepsPicture(layers), ran.none);
  const seeds = [...new Set(layers.flatMap(({ steps = [] }) => steps.map(({ seed }) => seed)))].sort((a, b) => a - b);
  if (seeds.length === 0) return html`<p class="soft" id="ran">${text(ran.none)}</p>`;
  const drawn = seeds.slice(0, mostSeeds).map((seed) => stepsOf(seed, layers));
  const rest =
    seeds.length > mostSeeds ? html`<p class="soft">${text(ran.rest(seeds.length - mostSeeds))}</p>` : nothing;
  return html`<details class="whole" id="ran"><summary>${text(ran.title)}</summary><div>${drawn}${rest}</div></details>`;
}

function stepsOf(seed: number, layers: readonly LayerEvidence[]): Html {
  const ofSeed = layers.map((layer) => ({ ...layer, steps: layer.steps?.filter((step) => step.seed === seed) ?? [] }));
  const picture = stepsPicture(ofSeed);
  return picture === null ? nothing : figure(`ran-${seed}`, { ...picture, title: texts.ran.ofSeed(seed) });
}

function closed(id: string, picture: Picture | null, none: Words, draw = figure): Html {
  if (picture === null) return html`<p class="soft" id="${id}">${text(none)}</p>`;
  return html`<details class="whole" id="${id}"><summary>${text(picture.title)}</summary><div>${draw(`${id}-picture`, picture)}</div></details>`;
}

/** It may be wider than the page, and scrolls within it. */
function wideFigure(id: string, picture: Picture): Html {
  const svg = (labelledBy: string) =>
    html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${labelledBy}">${picture.svg(labelledBy)}</div>`;
  return figure(id, { ...picture, svg });
}

export function figure(id: string, { found, see, svg, title }: Picture): Html {
  return html`<figure id="${id}">${svg(`${id}-title`)}<figcaption><b id="${id}-title">${text(title)}</b> ${text(see)}${found.map((each) => html`<br>${each}`)}</figcaption></figure>`;
}
