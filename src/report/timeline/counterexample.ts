/** The counterexample of a violation inside the page: the diagram, and the states after each event. Scripts add steps. */
import { visible } from "../../evidence/escape.ts";
import type { Timeline } from "../../evidence/timeline.ts";
import { cutTimeline } from "../../evidence/timeline-cut.ts";
import { type Html, html, nothing } from "../page/html.ts";
import { clipped, text } from "../page/text.ts";
import { texts } from "../texts/dictionary.ts";
import { holdingsTable } from "./holdings.ts";
import { messageKeys } from "./message-keys.ts";
import { spaceTime } from "./space-time.ts";
import { mostEventsInPage } from "./stored-timeline.ts";
import { omittedText, pointText } from "./words.ts";

/** Bytes of one counterexample; a page has many. The file beside the report has more of it. */
const mostBytes = 120_000;
const longest = 1_000;

/** @param id of the violation, which begins the addresses: `violation-1-timeline`, `violation-1-step-4` */
export function counterexampleBlock(timeline: Timeline, id: string): Html {
  let kept = mostEventsInPage;
  let block = render(cutTimeline(timeline, kept), id);
  while (Buffer.byteLength(block.text) > mostBytes && kept > 1) {
    kept = Math.floor(kept / 2);
    block = render(cutTimeline(timeline, kept), id);
  }
  return block;
}

function render(timeline: Timeline, id: string): Html {
  const { broken, events, omitted } = timeline;
  const { counterexample: words } = texts;
  const labelledBy = `${id}-diagram`;
  const button = (to: string, label: Html) => html`<button type="button" data-to="${to}">${label}</button> `;
  const last = events.length;
  const marked = broken === null ? last : broken + 1;
  return html`<section class="counterexample" id="${id}-timeline" data-last="${last}" data-broken="${marked}" tabindex="-1">
${facts(timeline)}${omitted === null ? nothing : html`<p class="note">${text(words.cut)}: ${clipped(visible(omittedText(omitted)), longest)}.</p>`}
<h3 id="${labelledBy}">${text(words.title)}</h3><p class="soft">${text(words.see)}</p>${messageKeys}${spaceTime(timeline, { labelledBy })}
<div class="stepper" hidden>${button("first", text(words.first))}${button("back", text(words.back))}${button("next", text(words.next))}${button("broken", text(words.toBroken))}<output></output> <span class="soft keys">${text(words.stepKeys)}</span><p class="event-words"></p><table class="states"><thead><tr><th scope="col">${text(words.lane)}</th><th scope="col">${text(words.stateBefore)}</th><th scope="col">${text(words.stateAfter)}</th></tr></thead><tbody></tbody></table></div>
<details id="${id}-states"><summary>${text(words.states)}</summary><div><div class="scroll" tabindex="0" role="region" aria-labelledby="${id}-states">${holdingsTable(timeline, (step) => `${id}-step-${step}`)}</div></div></details></section>`;
}

function facts(timeline: Timeline): Html {
  const { claim, found, pointOfNoReturn, title } = timeline;
  const { counterexample: words } = texts;
  const point = pointOfNoReturn.kind === "parted" ? words.parted : words.noReturn;
  const fact = (label: Html, value: string) =>
    html`<div><dt>${label}</dt><dd><samp>${clipped(visible(value), longest)}</samp></dd></div>`;
  return html`<dl class="facts">${fact(text(texts.scenario), title)}${fact(text(words.claimed), claim)}${fact(text(words.found), found)}${fact(text(point), pointText(timeline))}</dl>`;
}
