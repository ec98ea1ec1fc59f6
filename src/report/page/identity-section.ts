/** The section about the system that was judged, the tools and the machine. */

import { numberText } from "../../evidence/words.ts";
import { shardText } from "../document/identity.ts";
import { identityFacts } from "../document/identity-facts.ts";
import type { Report } from "../schema.ts";
import { texts } from "../texts/dictionary.ts";
import { omittedNote } from "../texts/omitted.ts";
import { type Html, html, nothing } from "./html.ts";
import { clipped, text } from "./text.ts";

const longest = 200;
const mostParts = 100;

export function identitySection(report: Report): Html {
  const facts = identityFacts(report).map(([label, { en, zh }, isWide]) => {
    const value = text({ en: clipped(en, longest), zh: clipped(zh, longest) });
    return html`<div class="${isWide ? "wide" : ""}"><dt>${text(label)}</dt><dd>${value}</dd></div>`;
  });
  return html`<h2 id="identity">${text(texts.identity)}</h2><dl class="facts">${facts}</dl>${mergedList(report)}`;
}

function mergedList({ environment: { merged_from: parts = [] } }: Report): Html {
  if (parts.length === 0) return nothing;
  const items = parts.slice(0, mostParts).map(({ identity, profile, run, seed }) => {
    const shard = identity === undefined ? "?" : shardText(identity.shard);
    return html`<li>${clipped(run, longest)}, ${clipped(profile, longest)}, ${text(texts.mergedPart(String(seed), shard))}</li>`;
  });
  return html`<details id="merged"><summary>${text(texts.merged)}: ${numberText(parts.length)}</summary><div><ul>${items}</ul>${omittedNote(parts.length - items.length)}</div></details>`;
}
