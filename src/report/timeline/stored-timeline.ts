/** The data of a diagram inside the file of its picture, so that a merged report can draw it in its page. */
import { z } from "zod";
import { propertyIds } from "../../check/properties.ts";
import { laneKinds, messageOutcomes, type Timeline } from "../../evidence/timeline.ts";
import { cutTimeline } from "../../evidence/timeline-cut.ts";
import { type Html, nothing, trusted } from "../page/html.ts";

/** The most events of a diagram inside a page. */
export const mostEventsInPage = 60;
/** More is left to the picture. */
const mostBytes = 400_000;

/** Never drawn, and no script. */
const opening = '<template id="timeline">';
const closing = "</template>";

/** Only ASCII, and nothing that could be markup. */
export function storedTimeline(timeline: Timeline): Html {
  const json = JSON.stringify(cutTimeline(timeline, mostEventsInPage)).replaceAll(
    /[<>&\u007f-\uffff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return json.length > mostBytes ? nothing : trusted(opening + json + closing);
}

/** null: it is the picture of an earlier version, or of another origin. */
export function readStoredTimeline(picture: string): Timeline | null {
  const from = picture.indexOf(opening);
  const to = picture.indexOf(closing, from);
  if (from < 0 || to < 0 || to - from > mostBytes + opening.length) return null;
  try {
    const { data } = timelineSchema.safeParse(JSON.parse(picture.slice(from + opening.length, to)));
    return data === undefined ? null : cutTimeline(data, mostEventsInPage);
  } catch {
    return null; // It is no JSON.
  }
}

const text = z.string();
const event = z.int().nonnegative();
const holds = z.array(z.strictObject({ lane: text, lines: z.array(text) }));

const timelineSchema = z.strictObject({
  title: text,
  property: z.enum(propertyIds),
  claim: text,
  found: text,
  lanes: z.array(z.strictObject({ id: text, name: text, kind: z.enum(laneKinds) })).min(1),
  before: holds,
  events: z.array(
    z.strictObject({
      lane: text,
      kind: z.enum(["step", "call", "answer", "fault", "mode"]),
      at: z.number().nullable(),
      words: text,
      holds,
    }),
  ),
  messages: z.array(
    z.strictObject({
      sent: z.int().min(-1),
      from: text,
      ended: event.nullable(),
      to: text,
      words: text,
      fate: z.enum(messageOutcomes),
    }),
  ),
  spans: z.array(
    z.strictObject({
      lane: text,
      kind: z.enum(["call", "fault"]),
      from: z.int().min(-1),
      to: event.nullable(),
      words: text,
    }),
  ),
  loop: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("rest") }),
      z.strictObject({ kind: z.literal("round"), from: event }),
    ])
    .nullable(),
  broken: event.nullable(),
  pointOfNoReturn: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("inevitable"), after: z.int().min(-1), why: text }),
    z.strictObject({ kind: z.literal("open"), why: text }),
    z.strictObject({ kind: z.literal("parted"), at: event, why: text }),
    z.strictObject({ kind: z.literal("not_computed"), why: text }),
  ]),
  omitted: z.strictObject({ count: event, where: text }).nullable(),
  token: text,
}) satisfies z.ZodType<Timeline>;
