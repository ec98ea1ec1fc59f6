/** The text of a timeline, for `lockproof explain` and for pictures. */
import { properties } from "../../check/properties.ts";
import { type LaneState, laneName, type Message, type Timeline, type TimelineEvent } from "../../evidence/timeline.ts";
import { countText, replayCommand } from "../../evidence/words.ts";

export function timelineLines(timeline: Timeline): readonly string[] {
  const { property, claim, found, title, before, events, omitted, token } = timeline;
  const width = String(events.length).length;
  const margin = " ".repeat(width + 3);
  return [
    `${property} ${properties[property].claim}`,
    ...headLines({ in: title, claimed: claim, found, [pointLabel(timeline)]: pointText(timeline) }),
    "",
    ...(omitted === null ? [] : [omittedText(omitted), ""]),
    "before",
    ...before.flatMap((state) => stateLines(timeline, state)).map((line) => margin + line),
    ...events.flatMap((event, index) => [
      ...loopLines(timeline, index),
      `${String(index + 1).padStart(width)}  ${markOf(timeline, index)}${sentence(timeline, event)}`,
      ...detailLines(timeline, index).map((line) => margin + line),
    ]),
    ...endLines(timeline),
    "",
    `replay: ${replayCommand(token)}`,
  ];
}

/** One line for each entry, with aligned texts. */
function headLines(entries: Readonly<Record<string, string>>): readonly string[] {
  const width = Math.max(...Object.keys(entries).map((label) => label.length));
  return Object.entries(entries).map(([label, text]) => `  ${label.padEnd(width)}  ${text}`);
}

export function omittedText({ count, where }: NonNullable<Timeline["omitted"]>): string {
  return `${countText(count, "event")} left out ${where}`;
}

/** `node 0 begins life 1`, with its time where it has one. */
export function sentence(timeline: Timeline, { lane, words, at }: TimelineEvent): string {
  return `${at === null ? "" : `${timeText(at)}  `}${laneName(timeline, lane)} ${words}`;
}

function timeText(milliseconds: number): string {
  return `${milliseconds.toFixed(1)} ms`;
}

/** The messages that an event received and sent, and the states that it changed. */
function detailLines(timeline: Timeline, index: number): readonly string[] {
  const { messages, events } = timeline;
  return [
    ...messages.filter(({ ended }) => ended === index).map((message) => endText(timeline, message)),
    ...messages.filter(({ sent }) => sent === index).map((message) => sentText(timeline, message)),
    ...(events[index]?.holds ?? []).flatMap((state) => stateLines(timeline, state)),
  ].filter((line) => line !== "");
}

function sentText(timeline: Timeline, message: Message): string {
  const { from, to, words, ended, sent, fate } = message;
  if (ended === sent) return ""; // `endText` has it
  const when =
    ended === null
      ? "is still in flight"
      : fate === "repeated"
        ? `arrives at ${ended + 1}, and is still in flight`
        : fate === "lost"
          ? `is lost at ${ended + 1}`
          : `arrives at ${ended + 1}`;
  return `-> ${laneName(timeline, from)} to ${laneName(timeline, to)}: ${words} (${when})`;
}

function endText(timeline: Timeline, { from, to, words, sent, ended, fate }: Message): string {
  const way = `${laneName(timeline, from)} to ${laneName(timeline, to)}: ${words}`;
  const since = sent === ended ? "" : sent < 0 ? "sent before" : `sent at ${sent + 1}`;
  switch (fate) {
    case "lost":
      return `xx ${way} (${since === "" ? "lost" : `${since}, lost here`})`;
    case "late":
      return `<- ${way} (${since}, late: something sent after it came before it)`;
    case "repeated":
      return `<- ${way} (${since}, and will come again)`;
    case "arrived":
    case "on_its_way":
      return since === "" ? `<> ${way}` : `<- ${way} (${since})`;
  }
}

/** The first line has the name of the lane, the others are indented. */
function stateLines(timeline: Timeline, { lane, lines }: LaneState): readonly string[] {
  const name = `${laneName(timeline, lane)}${verbOf(timeline, lane)}: `;
  const [first = "nothing", ...more] = lines;
  return [`${name}${first}`, ...more.map((line) => " ".repeat(name.length) + line)];
}

function verbOf({ lanes }: Timeline, id: string): string {
  const kind = lanes.find((lane) => lane.id === id)?.kind;
  return kind === "store" ? " holds" : kind === "instance" ? " believes" : "";
}

/** Marks the event that violates the property, and the point of no return. */
function markOf({ broken, pointOfNoReturn: point }: Timeline, index: number): string {
  if (index === broken) return "BROKEN  ";
  return point.kind === "inevitable" && point.after === index ? "NO RETURN  " : "";
}

function loopLines({ loop, events }: Timeline, index: number): readonly string[] {
  if (loop?.kind !== "round" || loop.from !== index) return [];
  return [`from here ${countText(events.length - index, "event")} repeat for ever:`];
}

function endLines({ loop, events }: Timeline): readonly string[] {
  switch (loop?.kind) {
    case undefined:
      return [];
    case "rest":
      return ["and there it may rest for ever: nothing that is fair can happen"];
    case "round":
      return [`and again from ${loop.from + 1}, for ever (${loop.from + 1} to ${events.length})`];
  }
}

export function pointLabel({ pointOfNoReturn: point }: Timeline): string {
  return point.kind === "parted" ? "first difference" : "point of no return";
}

export function pointText({ pointOfNoReturn: point }: Timeline): string {
  switch (point.kind) {
    case "inevitable":
      return `${point.after < 0 ? "from the start" : `since ${point.after + 1}`}: ${point.why}`;
    case "open":
      return point.why;
    case "parted":
      return `since ${point.at + 1}: ${point.why}`;
    case "not_computed":
      return `not computed: ${point.why}`;
  }
}
