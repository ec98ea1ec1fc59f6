/** A timeline as one self-contained HTML file: the diagram, then the state of each participant; never larger than its cap. */
import { properties } from "../../check/properties.ts";
import { visible } from "../../evidence/escape.ts";
import { type LaneState, laneName, type Timeline } from "../../evidence/timeline.ts";
import { cutTimeline } from "../../evidence/timeline-cut.ts";
import { replayCommand } from "../../evidence/words.ts";
import { type Html, html, nothing, trusted } from "../page/html.ts";
import { styleSheet } from "../page/style.ts";
import { clip, spaceTime } from "./space-time.ts";
import { spaceTimeStyle } from "./space-time-style.ts";
import { omittedText, pointLabel, pointText, sentence } from "./words.ts";

/** 1 MB, in bytes of UTF-8. */
const pictureCap = 1_000_000;
/** Longer timelines are unreadable. */
const mostEvents = 400;
const mostLines = 24;
const textMost = 300;

/** @param cap bytes; events that do not fit are left out from the front, and the page says so */
export function renderTimeline(timeline: Timeline, cap: number = pictureCap): string {
  let kept = mostEvents;
  let text = page(cutTimeline(timeline, kept));
  while (Buffer.byteLength(text) > cap && kept > 1) {
    kept = Math.floor(kept / 2);
    text = page(cutTimeline(timeline, kept));
  }
  return text;
}

function page(timeline: Timeline): string {
  const { property, claim, found, title, omitted, token } = timeline;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lockproof: ${property}, ${clip(visible(title), textMost)}</title><style>${trusted(styleSheet + spaceTimeStyle)}</style></head>
<body class="timeline"><header class="violated"><h1>${property} <span class="verdict violated">violated</span></h1>
<p>${properties[property].claim}</p><p class="soft">${clip(visible(title), textMost)}</p></header>
<dl><dt>claimed</dt><dd>${clip(visible(claim), 2_000)}</dd><dt>found</dt><dd>${clip(visible(found), 2_000)}</dd><dt>${pointLabel(timeline)}</dt><dd>${clip(visible(pointText(timeline)), 1_000)}</dd></dl>
${omitted === null ? nothing : html`<p class="note">Cut: ${omittedText(omitted)}.</p>`}
<h2>Who did what</h2>${legend}${spaceTime(timeline)}
<h2>What the store held and what each believed</h2><p class="soft">A cell is empty where nothing has changed.</p>${holdings(timeline)}
<h2>Again</h2><pre>${replayCommand(token)}</pre></body></html>
`.text;
}

const legend = html`<p class="legend soft"><span><svg class="swatch" viewBox="0 0 40 12"><g class="message arrived"><line x1="2" y1="6" x2="38" y2="6"/></g></svg>message</span>
<span><svg class="swatch" viewBox="0 0 40 12"><g class="message lost"><line x1="2" y1="6" x2="32" y2="6"/><path class="cross" d="M28 1l10 10m0 -10l-10 10"/></g></svg>lost</span>
<span><svg class="swatch" viewBox="0 0 40 12"><g class="message late"><line x1="2" y1="6" x2="38" y2="6"/></g></svg>late or repeated</span>
<span><svg class="swatch" viewBox="0 0 12 12"><g class="event fault"><circle cx="6" cy="6" r="4.5"/></g></svg>fault</span>
<span><svg class="swatch" viewBox="0 0 12 12"><g class="event broken"><circle cx="6" cy="6" r="4.5"/></g></svg>where it breaks</span></p>`;

/** A row for each event and a column for each lane; the first row is the state before all events. */
function holdings(timeline: Timeline): Html {
  const { lanes, before, events } = timeline;
  const shown = lanes.filter(({ id }) =>
    [before, ...events.map(({ holds }) => holds)].some((each) => each.some(({ lane }) => lane === id)),
  );
  const row = (
    number: string,
    words: string,
    holds: readonly LaneState[],
    kind: string,
  ): Html => html`<tr${kind === "" ? nothing : html` class="${kind}"`}><td class="number">${number}</td><td>${clip(visible(words), textMost)}</td>${shown.map(({ id }) => cell(holds.find(({ lane }) => lane === id)))}</tr>
`;
  return html`<div class="scroll"><table class="holdings"><tr><th class="number">#</th><th>event</th>${shown.map(({ id }) => html`<th>${clip(visible(laneName(timeline, id)), textMost)}</th>`)}</tr>
${row("", "before", before, "")}${events.map((event, index) => row(String(index + 1), sentence(timeline, event), event.holds, index === timeline.broken ? "broken-row" : ""))}</table></div>`;
}

function cell(holding: LaneState | undefined): Html {
  if (holding === undefined) return html`<td></td>`;
  const lines = holding.lines.slice(0, mostLines).map((line) => clip(visible(line), textMost));
  if (holding.lines.length > lines.length) lines.push(`… ${holding.lines.length - lines.length} lines more`);
  return html`<td>${(lines.length === 0 ? ["nothing"] : lines).map((line) => html`<div>${line}</div>`)}</td>`;
}
