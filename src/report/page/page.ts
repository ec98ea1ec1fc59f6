/** `index.html`: one self-contained file, never larger than its cap. */
import { numberText, verdictWords } from "../../evidence/words.ts";
import type { Composed } from "../document/compose.ts";
import { texts } from "../texts/dictionary.ts";
import { spaceTimeStyle } from "../timeline/space-time-style.ts";
import { checklistSection, headerSection, missingPartsNote, signatureSection } from "./first-screen.ts";
import { type Html, html, nothing, trusted } from "./html.ts";
import { identitySection } from "./identity-section.ts";
import { figureTextsSection, layersSection } from "./layers-section.ts";
import { type DrawnScenarios, drawScenarios } from "./picture-section.ts";
import { propertiesSection } from "./property-section.ts";
import { script, scriptSource } from "./script.ts";
import { styleSheet } from "./style.ts";
import { text } from "./text.ts";
import { noViewers, type Viewers } from "./viewer-link.ts";
import { type Timelines, type ViolationBlock, violationBlock } from "./violation-section.ts";
import { matrixBlock } from "./whole-pictures.ts";

/** 3 MB, in bytes of UTF-8. */
export const pageCap = 3_000_000;
/** Reserved for the note about omitted parts and the headings of what fits. */
const noteRoom = 1_500;

export interface PageOptions {
  /** In bytes. */
  readonly cap?: number;
  readonly timelines?: Timelines;
  /** The trace viewers beside the page. */
  readonly viewers?: Viewers;
}

/** So many diagrams, and further ones up to this share of what the texts of violations leave, come before pictures. */
const first = { diagrams: 3, share: 1 / 3 } as const;

/** Violations come first, then the diagrams of the first ones, then pictures. The page says how many do not fit. */
export function renderPage(composed: Composed, options: PageOptions = {}): string {
  const { cap = pageCap, timelines = new Map(), viewers = noViewers } = options;
  const drawn = drawScenarios(composed, viewers.scenarios);
  const fixed = fixedParts(composed, drawn);
  const room = cap - noteRoom - bytes(frame(composed, html`${Object.values(fixed)}`));
  const blocks = composed.layers
    .flatMap((layer) => layer.violations)
    .map((violation, index) => violationBlock(violation, index, timelines, viewers.violations.get(index)));
  const short = takeFitting(
    blocks.map((block) => block.short),
    room,
  );
  const kept = withDiagrams(blocks.slice(0, short.kept.length), room - short.bytes);
  const pictures = takeFitting(
    drawn.blocks.map(({ block }) => block),
    room - bytes(html`${kept}`),
  );
  const addresses = keptAddresses(drawn, pictures.omitted);
  const { evidence, rest, top } = fixedParts(withViolations(composed, kept.length), { ...drawn, addresses });
  const body = html`${top}${leftOut(short.omitted, pictures.omitted)}
${section("violations", texts.violations, kept)}${evidence}${section("pictures", texts.pictures, pictures.kept)}${rest}`;
  return frame(composed, body).text;
}

/** With the first so many violations, so that no link leads to one that does not fit. */
function withViolations(composed: Composed, most: number): Composed {
  let left = most;
  const layers = composed.layers.map((layer) => {
    const violations = layer.violations.slice(0, left);
    left -= violations.length;
    return { ...layer, violations };
  });
  return { ...composed, layers };
}

/** Without the scenarios whose pictures do not fit, so that every link leads somewhere. */
function keptAddresses({ addresses, blocks }: DrawnScenarios, omitted: number): DrawnScenarios["addresses"] {
  const left = new Set(blocks.slice(blocks.length - omitted).map(({ scenario }) => scenario));
  return new Map([...addresses].filter(([scenario]) => !left.has(scenario)));
}

/** As many diagrams as fit, from the front. */
function withDiagrams(blocks: readonly ViolationBlock[], room: number): readonly Html[] {
  let used = 0;
  return blocks.map(({ short, whole }, index) => {
    const more = bytes(whole) - bytes(short);
    if (used + more > (index < first.diagrams ? room : room * first.share)) return short;
    used += more;
    return whole;
  });
}

interface FixedParts {
  /** The first screen. */
  readonly top: Html;
  readonly evidence: Html;
  readonly rest: Html;
}

function fixedParts(composed: Composed, drawn: DrawnScenarios): FixedParts {
  const { report } = composed;
  return {
    top: html`${missingPartsNote(composed)}${checklistSection(composed)}${signatureSection()}`,
    evidence: html`${drawn.first}${identitySection(report)}${matrixBlock(composed)}${propertiesSection(composed, drawn.addresses)}`,
    rest: html`${layersSection(composed)}${figureTextsSection(composed)}`,
  };
}

function section(id: string, title: typeof texts.violations, blocks: readonly Html[]): Html {
  if (blocks.length === 0) return nothing;
  return html`<section class="${id}"><h2 id="${id}">${text(title)}</h2>${blocks}</section>`;
}

function frame(composed: Composed, body: Html): Html {
  const { seed, verdict } = composed.report;
  const title = (language: "en" | "zh") =>
    `Lockproof: ${verdictWords[verdict][language]}, ${texts.seed[language]} ${seed}`;
  return html`<!doctype html>
<html lang="en" data-en="${title("en")}" data-zh="${title("zh")}"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${scriptSource}"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title("en")}</title><style>${trusted(styleSheet + spaceTimeStyle)}</style></head>
<body>${headerSection(composed)}<main>${body}</main><script>${trusted(script)}</script></body></html>
`;
}

interface Fitted {
  readonly kept: readonly Html[];
  readonly omitted: number;
  readonly bytes: number;
}

/** As many blocks from the front as fit into `room` bytes. */
function takeFitting(blocks: readonly Html[], room: number): Fitted {
  let used = 0;
  const kept: Html[] = [];
  for (const block of blocks) {
    if (used + bytes(block) > room) break;
    used += bytes(block);
    kept.push(block);
  }
  return { kept, omitted: blocks.length - kept.length, bytes: used };
}

function leftOut(violations: number, pictures: number): Html {
  if (violations === 0 && pictures === 0) return nothing;
  return html`<p class="note">${text(texts.capped(numberText(violations), numberText(pictures)))}</p>`;
}

function bytes(block: Html): number {
  return Buffer.byteLength(block.text, "utf8");
}
