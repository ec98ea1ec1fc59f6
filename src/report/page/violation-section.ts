/** Each violation: what was found, how to run it again, and the files that hold its history and picture. */
import { fileAddress } from "../../evidence/escape.ts";
import type { Violation } from "../../evidence/evidence.ts";
import { numberText } from "../../evidence/words.ts";
import { texts } from "../texts/dictionary.ts";
import { layerWords } from "../texts/names.ts";
import { propertyWords } from "../texts/property-words.ts";
import { spaced } from "../texts/spaced.ts";
import { verdictMark } from "./first-screen.ts";
import { type Html, html, nothing, trusted } from "./html.ts";
import { addressesOf, tokenLine } from "./property-section.ts";
import { clipped, text } from "./text.ts";

/** The most lines of a violation on the page; evidence.json has all. */
const mostLines = 200;
const longestLine = 2_000;
const mostFiles = 10;
/** The first ones are open. */
const open = 3;

export function violationBlock(violation: Violation, index: number): Html {
  const { files, layer, property, scenario, story, token } = violation;
  const { claim } = propertyWords(property);
  const shown = story.slice(0, mostLines).map((line) => clipped(line, longestLine));
  const rest = story.length - shown.length;
  const links = files
    .slice(0, mostFiles)
    .map((file) => html` <a href="${fileAddress(file)}">${clipped(file, 200)}</a>`);
  return html`<details class="violation" id="violation-${index + 1}"${index < open ? trusted(" open") : nothing} data-verdict="violated" data-layer="${layer}" data-scenario="${addressesOf([scenario])}"><summary><span class="row"><b>${property}</b><span class="claim">${clipped(story[0] ?? "", 300)}</span><span class="figure">${clipped(scenario, 80)}, ${text(layerWords[layer])}</span>${verdictMark("violated")}</span></summary><div>
<p>${text({ en: spaced(claim.en), zh: spaced(claim.zh) })} <a href="#${property}">${property}</a></p><pre tabindex="0">${shown.join("\n")}</pre>${rest > 0 ? html`<p class="soft">${text(texts.moreLines(numberText(rest)))}</p>` : nothing}
<p>${tokenLine(token)}</p>${links.length === 0 ? nothing : html`<p>${text(texts.history)}:${links}</p>`}</div></details>
`;
}
