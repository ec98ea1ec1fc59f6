/** The space-time diagram: lanes side by side, time downwards, messages as arrows, and the text of each event beside it. */

import { visible } from "../../evidence/escape.ts";
import { laneName, type Message, type Span, type Timeline } from "../../evidence/timeline.ts";
import { type Html, html, nothing } from "../page/html.ts";
import { drawnText } from "../page/text.ts";
import { round } from "../pictures/axis.ts";
import { texts } from "../texts/dictionary.ts";
import type { Words } from "../texts/words.ts";
import { between, LabelPlaces, type Point } from "./labels.ts";
import { sentence } from "./words.ts";

/** In CSS pixels of the picture's coordinates. */
const gutter = 84;
/** Width of all lanes together, within the limits for one lane. */
const lanesWidth = 720;
const laneWidths = { least: 104, most: 164 } as const;
const textWidth = 480;

const header = 46;
const lineHeight = 16;
/** The least distance between events, so that arrows have room. */
const leastRow = 46;
/** Characters in a line beside the picture, and in the label of an arrow. */
const wrapAt = 66;
const labelMost = 30;
/** Width of a character of a label, an upper estimate. */
const labelCharacter = 5.6;
const textMost = 400;
/** Several messages within one event are drawn below each other. */
const withinStep = 17;

/** The element that names the diagram; its id begins the ids within it. */
interface Named {
  readonly labelledBy: string;
}

interface Plan extends Named {
  readonly timeline: Timeline;
  readonly rows: readonly Row[];
  readonly right: number;
  readonly bottom: number;
  x(lane: string): number;
  /** The position of an event; -1: the upper edge, null: the lower edge. */
  y(event: number | null): number;
}

/** Leaves out a model without events and messages. */
function drawnLanes({ lanes, events, messages }: Timeline): Timeline["lanes"] {
  return lanes.filter(
    ({ id, kind }) =>
      kind !== "model" ||
      events.some(({ lane }) => lane === id) ||
      messages.some(({ from, to }) => from === id || to === id),
  );
}

interface Row {
  readonly y: number;
  readonly height: number;
  readonly text: readonly string[];
}

/** Each event has its number, from 1, in `data-step`. */
export function spaceTime(timeline: Timeline, named: Named): Html {
  const { labelledBy } = named;
  const plan = layOut(timeline, named);
  const { rows, right, bottom } = plan;
  const width = right + textWidth;
  const height = bottom + 30;
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${labelledBy}"><svg class="space-time" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${labelledBy}">
<defs>${["m", "lost", "late"].map((kind) => html`<marker id="${labelledBy}-${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="head ${kind}" d="M0 0.6L7.4 4L0 7.4z"/></marker>`)}</defs>
${bands(plan)}${drawnLanes(timeline).map(({ id, name, kind }) => laneLine(plan, id, name, kind))}${timeline.spans.map((span) => spanBar(plan, span))}${arrows(plan)}${rows.map((_, index) => eventMark(plan, index))}${loopMark(plan)}</svg></div>`;
}

function layOut(timeline: Timeline, { labelledBy }: Named): Plan {
  const { events, messages } = timeline;
  const lanes = drawnLanes(timeline);
  const laneWidth = Math.max(laneWidths.least, Math.min(laneWidths.most, Math.floor(lanesWidth / lanes.length)));
  const places = new Map(lanes.map(({ id }, index) => [id, gutter + laneWidth * (index + 0.5)]));
  const rows: Row[] = [];
  let top = header + 14;
  for (const [index, event] of events.entries()) {
    const within = messages.filter(({ sent, ended }) => sent === index && ended === index).length;
    const text = wrap(clip(visible(sentence(timeline, event)), textMost));
    const height = Math.max(leastRow, text.length * lineHeight + 18, 26 + within * withinStep);
    rows.push({ y: top + 12, height, text });
    top += height;
  }
  const bottom = top + 10;
  const right = gutter + laneWidth * lanes.length + 16;
  return {
    ...{ timeline, rows, labelledBy },
    right,
    bottom,
    x: (lane) => places.get(lane) ?? gutter,
    y: (event) => (event === null ? bottom : event < 0 ? header : (rows[event]?.y ?? bottom)),
  };
}

/** In the background: the event that violates the property, and the point of no return. */
function bands({ timeline, rows, right }: Plan): Html {
  const { broken, pointOfNoReturn: point } = timeline;
  const { counterexample } = texts;
  const band = (event: number, kind: string, words: Words): Html => {
    const row = rows[event];
    if (row === undefined) return nothing;
    const width = right + textWidth;
    return html`<rect class="band ${kind}" x="0" y="${row.y - 20}" width="${width}" height="${row.height}"/><text class="band-label ${kind}" x="8" y="${row.y + 19}">${drawnText(words)}</text>`;
  };
  const since = point.kind === "inevitable" ? point.after : point.kind === "parted" ? point.at : null;
  return html`${broken === null ? nothing : band(broken, "broken", counterexample.broken)}${since === null || since < 0 || since === broken ? nothing : band(since, "no-return", point.kind === "parted" ? counterexample.parted : counterexample.noReturn)}`;
}

function laneLine({ x, bottom }: Plan, id: string, name: string, kind: string): Html {
  const lines = wrap(clip(visible(name), labelMost), 16).slice(0, 2);
  return html`<g class="lane ${kind}">${lines.map((line, index) => html`<text x="${x(id)}" y="${header - 8 - (lines.length - 1 - index) * 14}" text-anchor="middle">${line}</text>`)}<line x1="${x(id)}" x2="${x(id)}" y1="${header}" y2="${bottom}"/></g>`;
}

function spanBar({ x, y }: Plan, { lane, from, to, words, kind }: Span): Html {
  const top = y(from);
  return html`<rect class="span ${kind}" x="${x(lane) - 6}" y="${top - 6}" width="12" height="${round(Math.max(12, y(to) - top + 12))}" rx="6"><title>${clip(visible(words), textMost)}</title></rect>`;
}

function arrows(plan: Plan): Html {
  const { messages } = plan.timeline;
  const places = new LabelPlaces();
  const rank = new Map<number, number>();
  return html`${messages.map((message) => {
    const { sent, ended, from } = message;
    if (sent !== ended) {
      // An answer within the event starts where its request arrives.
      const isAsked = messages.some((other) => other.sent === sent && other.ended === sent && other.to === from);
      return arrow(plan, message, { start: isAsked ? withinStep : 0, end: 0, places });
    }
    const place = (rank.get(sent) ?? 0) + 1;
    rank.set(sent, place);
    return arrow(plan, message, { start: place * withinStep, end: place * withinStep, places });
  })}`;
}

interface Below {
  /** How far its ends are drawn below their events, in px. */
  readonly start: number;
  readonly end: number;
  /** The places of the labels of all arrows. */
  readonly places: LabelPlaces;
}

function arrow({ labelledBy, timeline, x, y }: Plan, message: Message, below: Below): Html {
  const { sent, from, ended, to, words, fate } = message;
  const start = { x: x(from), y: y(sent) + below.start };
  const whole = { x: x(to), y: y(ended) + below.end };
  const lostOn = ended === null ? from : (timeline.events[ended]?.lane ?? from);
  const isDelivered = fate === "arrived" || fate === "late" || fate === "repeated";
  const end = isDelivered ? whole : between(start, whole, fate === "lost" ? lossAt(start.x, whole.x, x(lostOn)) : 0.75);
  const side = Math.sign(end.x - start.x);
  const kind = fate === "lost" ? "lost" : fate === "late" || fate === "repeated" ? "late" : "m";
  const tip = isDelivered ? { x: end.x - side * 6, y: end.y } : end;
  const title = `${visible(laneName(timeline, from))} to ${visible(laneName(timeline, to))}: ${visible(words)}, ${fate.replaceAll("_", " ")}`;
  const point =
    fate === "lost"
      ? html`<path class="cross" d="M${round(end.x - 6)} ${round(end.y - 6)}l12 12m0 -12l-12 12"/>`
      : nothing;
  const head = fate === "lost" ? nothing : html` marker-end="url(#${labelledBy}-${kind})"`;
  return html`<g class="message ${fate}"><title>${clip(title, textMost)}</title><line x1="${round(start.x + side * 5)}" y1="${round(start.y)}" x2="${round(tip.x)}" y2="${round(tip.y)}"${head}/>${point}${labelOn(start, tip, message, below.places)}</g>`;
}

/** How far the arrow of a lost message reaches: to the lane that loses it if that lies between, else 0.6 of the way. */
function lossAt(from: number, to: number, at: number): number {
  const share = (at - from) / (to - from);
  return share > 0.1 && share < 0.9 ? share : 0.6;
}

/** The label lies along the arrow, and is never longer than it. */
function labelOn(start: Point, tip: Point, { words, fate }: Message, places: LabelPlaces): Html {
  const more = fate === "late" ? " (late)" : fate === "repeated" ? " (comes again)" : "";
  const room = Math.floor(Math.hypot(tip.x - start.x, tip.y - start.y) / labelCharacter) - more.length;
  const text = clip(visible(words), Math.max(8, Math.min(labelMost, room))) + more;
  // Long arrows cross each other in the middle.
  const first = Math.abs(tip.y - start.y) > 2 * leastRow ? 0.35 : 0.45;
  const { angle, at, baseline } = places.place(start, tip, text.length * labelCharacter, first);
  return html`<text transform="translate(${round(at.x)} ${round(at.y)}) rotate(${round(angle)})" y="${baseline}" text-anchor="middle">${text}</text>`;
}

function eventMark({ timeline, rows, x, right }: Plan, index: number): Html {
  const event = timeline.events[index];
  const row = rows[index];
  if (event === undefined || row === undefined) return nothing;
  const isBroken = timeline.broken === index;
  const lines = row.text.map(
    (line, at) => html`<tspan x="${right}" y="${row.y + 4 + at * lineHeight}">${line}</tspan>`,
  );
  return html`<g class="event ${event.kind}${isBroken ? " broken" : ""}" data-step="${index + 1}"><title>${clip(visible(sentence(timeline, event)), textMost)}</title><text class="number" x="${gutter - 22}" y="${row.y + 4}" text-anchor="end">${index + 1}</text><circle cx="${x(event.lane)}" cy="${row.y}" r="${isBroken ? 7 : 5}"/><text class="words">${lines}</text></g>`;
}

/** A bracket to the left of the loop, or a line below the last event where the run rests. */
function loopMark({ bottom, labelledBy, right, timeline, y }: Plan): Html {
  const { loop, events } = timeline;
  if (loop === null) return nothing;
  if (loop.kind === "rest") {
    return html`<g class="loop"><line x1="${gutter}" x2="${right - 16}" y1="${bottom}" y2="${bottom}"/><text x="${gutter}" y="${bottom + 18}">${drawnText(texts.counterexample.rests)}</text></g>`;
  }
  const from = y(loop.from);
  const to = y(events.length - 1);
  const middle = (from + to) / 2;
  return html`<g class="loop"><path d="M38 ${to}H26V${from}H38" marker-end="url(#${labelledBy}-lost)"/><text transform="translate(17 ${middle}) rotate(-90)" text-anchor="middle">${drawnText(texts.counterexample.forEver)}</text></g>`;
}

/** @returns lines of at most `most` characters, broken at spaces where there are any */
function wrap(text: string, most: number = wrapAt): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > most) {
    const space = rest.lastIndexOf(" ", most);
    const at = space > most / 3 ? space : most;
    lines.push(rest.slice(0, at));
    rest = rest.slice(at).trimStart();
  }
  return [...lines, rest];
}

export function clip(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
