/** The contents of each lane after each event, as a table: a row for each event, a column for each lane. */
import { visible } from "../../evidence/escape.ts";
import { type Lane, type LaneState, laneName, type Timeline } from "../../evidence/timeline.ts";
import { type Html, html, nothing } from "../page/html.ts";
import { text } from "../page/text.ts";
import { texts } from "../texts/dictionary.ts";
import { clip } from "./space-time.ts";
import { sentence } from "./words.ts";

const mostLines = 24;
const textMost = 300;

type Lines = readonly string[];

/**
 * The first row is the state before all events. A cell is empty where nothing has changed; lines that are new in it are marked.
 * @param address of a row, by the number of its event from 1; 0: the state before
 */
export function holdingsTable(timeline: Timeline, address?: (step: number) => string): Html {
  const { before, broken, events } = timeline;
  const lanes = shownLanes(timeline);
  const held = new Map<Lane["id"], Lines>();
  const row = (step: number, words: Html, holds: readonly LaneState[]): Html => {
    const kind = step === (broken ?? -1) + 1 && step > 0 ? html` class="broken-row"` : nothing;
    const id = address === undefined ? nothing : html` id="${address(step)}"`;
    return html`<tr${id}${kind}><td class="number">${step === 0 ? nothing : step}</td><td>${words}</td>${lanes.map((lane) => cell(lane.id, holds, held))}</tr>
`;
  };
  const heads = lanes.map(({ id }) => html`<th scope="col">${clip(visible(laneName(timeline, id)), textMost)}</th>`);
  return html`<table class="holdings"><tr><th scope="col" class="number">#</th><th scope="col">${text(texts.counterexample.event)}</th>${heads}</tr>
${row(0, text(texts.counterexample.before), before)}${events.map((event, index) => row(index + 1, html`${clip(visible(sentence(timeline, event)), textMost)}`, event.holds))}</table>`;
}

/** Those with a state; the model stands beside the store with which it is compared. */
function shownLanes({ before, events, lanes }: Timeline): readonly Lane[] {
  const used = new Set([before, ...events.map(({ holds }) => holds)].flatMap((each) => each.map(({ lane }) => lane)));
  const isLast = ({ kind }: Lane) => kind === "store" || kind === "model";
  const shown = lanes.filter(({ id }) => used.has(id));
  return [...shown.filter((lane) => !isLast(lane)), ...shown.filter(isLast)];
}

function cell(lane: Lane["id"], holds: readonly LaneState[], held: Map<Lane["id"], Lines>): Html {
  const now = holds.find((each) => each.lane === lane)?.lines;
  if (now === undefined) return html`<td></td>`;
  const former = held.get(lane);
  held.set(lane, now);
  const lines = now.slice(0, mostLines).map((line) => {
    const shown = clip(visible(line), textMost);
    return html`<div>${former === undefined || former.includes(line) ? html`${shown}` : html`<mark>${shown}</mark>`}</div>`;
  });
  const rest = now.length - lines.length;
  return html`<td>${now.length === 0 ? text(texts.counterexample.nothing) : lines}${rest > 0 ? text(texts.counterexample.rest(String(rest))) : nothing}</td>`;
}
