/** A timeline as one self-contained HTML file: the diagram, then the state of each participant; never larger than its cap. */
import { properties } from "../../check/properties.ts";
import { visible } from "../../evidence/escape.ts";
import type { Timeline } from "../../evidence/timeline.ts";
import { cutTimeline } from "../../evidence/timeline-cut.ts";
import { replayCommand } from "../../evidence/words.ts";
import { html, nothing, trusted } from "../page/html.ts";
import { styleSheet } from "../page/style.ts";
import { holdingsTable } from "./holdings.ts";
import { messageKeys } from "./message-keys.ts";
import { clip, spaceTime } from "./space-time.ts";
import { spaceTimeStyle } from "./space-time-style.ts";
import { storedTimeline } from "./stored-timeline.ts";
import { omittedText, pointLabel, pointText } from "./words.ts";

/** 1 MB, in bytes of UTF-8. */
const pictureCap = 1_000_000;
/** Longer timelines are unreadable. */
const mostEvents = 400;
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
<h2 id="diagram">Who did what</h2>${messageKeys}${spaceTime(timeline, { labelledBy: "diagram" })}
<h2>What the store held and what each believed</h2><p class="soft">A cell is empty where nothing has changed.</p><div class="scroll">${holdingsTable(timeline)}</div>
<h2>Again</h2><pre>${replayCommand(token)}</pre>${storedTimeline(timeline)}</body></html>
`.text;
}
