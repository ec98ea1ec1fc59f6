/** Each violation: what was found, its counterexample, how to run it again, and the files that hold its history and picture. */

import { fileAddress } from "../../evidence/escape.ts";
import type { Violation } from "../../evidence/evidence.ts";
import type { Timeline } from "../../evidence/timeline.ts";
import { numberText } from "../../evidence/words.ts";
import { texts } from "../texts/dictionary.ts";
import { layerWords } from "../texts/names.ts";
import { omittedNote } from "../texts/omitted.ts";
import { propertyWords } from "../texts/property-words.ts";
import { spaced } from "../texts/spaced.ts";
import { counterexampleBlock } from "../timeline/counterexample.ts";
import { verdictMark } from "./first-screen.ts";
import { type Html, html, nothing, trusted } from "./html.ts";
import { addressesOf, tokenLine } from "./property-section.ts";
import { clipped, text } from "./text.ts";
import { viewerLink } from "./viewer-link.ts";

/** The most lines of a violation on the page; evidence.json has all. */
const mostLines = 200;
const longestLine = 2_000;
const mostFiles = 10;
/** The first ones are open. */
const open = 3;

/** The timelines that this run drew, by the name of the file that holds the same picture. */
export type Timelines = ReadonlyMap<string, Timeline>;

/** A violation with its diagram, and without where that does not fit. */
export interface ViolationBlock {
  readonly whole: Html;
  readonly short: Html;
}

/** @param viewer the name of the file with its trace viewer, where one was written */
export function violationBlock(
  violation: Violation,
  index: number,
  timelines: Timelines,
  viewer: string | undefined,
): ViolationBlock {
  const id = `violation-${index + 1}`;
  const [timeline] = violation.files.flatMap((file) => timelines.get(file) ?? []);
  const { counterexample } = texts;
  const isDrawn = timeline !== undefined || violation.files.some((file) => pictureFile.test(file));
  const run = wholeRun(violation, viewer);
  const short = block(
    violation,
    index,
    html`${run}<p class="soft">${text(isDrawn ? counterexample.beside : counterexample.none)}</p>`,
  );
  if (timeline === undefined) return { short, whole: short };
  return { short, whole: block(violation, index, html`${run}${counterexampleBlock(timeline, id)}`) };
}

/** As a report names it, or a merged one below the folder of a part. */
const pictureFile = /(?:^|\/)picture-[\w.-]+\.html$/u;

/** The trace viewer of a stored history, or of a simulated run. */
function wholeRun({ files, layer, token }: Violation, viewer: string | undefined): Html {
  const history = files.find((file) => /\.jsonl(?:\.gz)?$/u.test(file));
  const run = layer === "simulate" ? token : layer === "inject" ? history : undefined;
  return run === undefined ? nothing : viewerLink(run, viewer);
}

/** @param evidence the whole run and the diagram */
function block(violation: Violation, index: number, evidence: Html): Html {
  const { files, layer, property, scenario, story, token } = violation;
  const { claim } = propertyWords(property);
  const shown = story.slice(0, mostLines).map((line) => clipped(line, longestLine));
  const rest = story.length - shown.length;
  const links = files
    .slice(0, mostFiles)
    .map((file) => html` <a href="${fileAddress(file)}">${clipped(file, 200)}</a>`);
  return html`<details class="violation" id="violation-${index + 1}"${index < open ? trusted(" open") : nothing} data-verdict="violated" data-layer="${layer}" data-scenario="${addressesOf([scenario])}"><summary><span class="row"><b>${property}</b><span class="claim">${clipped(story[0] ?? "", 300)}</span><span class="figure">${clipped(scenario, 80)}, ${text(layerWords[layer])}</span>${verdictMark("violated")}</span></summary><div>
<p>${text({ en: spaced(claim.en), zh: spaced(claim.zh) })} <a href="#${property}">${property}</a></p>
<p>${tokenLine(token)}</p>${links.length === 0 ? nothing : html`<p>${text(texts.history)}:${links}</p>${omittedNote(files.length - mostFiles)}`}${evidence}<pre tabindex="0">${shown.join("\n")}</pre>${rest > 0 ? html`<p class="soft">${text(texts.moreLines(numberText(rest)))}</p>` : nothing}</div></details>
`;
}
