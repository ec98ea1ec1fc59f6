/** Describes the content of the keys of a store in a few lines: versions, nodes with their jobs, the feed. */
import type { Content, Json } from "./content.ts";
import { prefix } from "./expect.ts";

type Fields = Readonly<Record<string, Json>>;

/** How many of the newest entries of a feed are shown. */
const entriesShown = 3;

/** @param content of either side; keys that only follow from others (indexes, deadlines) are left out */
export function contentLines(content: Content): readonly string[] {
  const lines = ["p0", "p1", "cfg"].flatMap((tag) => partitionLines(content, tag));
  return lines.length === 0 ? ["nothing"] : lines;
}

function partitionLines(content: Content, tag: string): readonly string[] {
  const base = `${prefix}{${tag}}:`;
  const meta = content.get(`${base}meta`);
  const nodes = [...content].filter(([key]) => key.startsWith(`${base}node:`));
  if (meta === undefined && nodes.length === 0) return [];
  const { epoch, sequence, replication_id: server } = fieldsOf(meta);
  return [
    `${tag}: at ${text(epoch)}:${text(sequence)} of ${text(server)}`,
    ...nodes.map(([key, record]) => nodeLine(content, base, key.slice(`${base}node:`.length), fieldsOf(record))),
    ...feedLines(content.get(`${base}feed`)),
  ];
}

function nodeLine(content: Content, base: string, id: string, record: Fields): string {
  const { status, incarnation, version, current_jobs: current, max_jobs: most, heartbeat_seq: seq } = record;
  const jobs = `${text(current)} of ${text(most)} jobs {${membersOf(content.get(`${base}jobs:${id}`))}}`;
  const done = membersOf(content.get(`${base}done:${id}`));
  const finished = done === "" ? "" : `, finished {${done}}`;
  return `  ${quoted(id)}: ${text(status)}, life ${text(incarnation)}, ${jobs}${finished}, heartbeat ${text(seq)}, changed at ${text(version)}`;
}

function feedLines(feed: Json | undefined): readonly string[] {
  if (!Array.isArray(feed) || feed.length === 0) return [];
  const entries = feed as readonly Json[];
  const newest = entries.slice(-entriesShown).map((entry) => {
    const [id, fields] = entry as readonly [Json, Json];
    return `${text(id).replace(/-0$/, "")} ${text(fieldsOf(fields)["kind"])}`;
  });
  const more = entries.length - newest.length;
  return [`  feed: ${more > 0 ? `${more} older, ` : ""}${newest.join(", ")}`];
}

/** The members of a sorted set. */
function membersOf(pairs: Json | undefined): string {
  return Array.isArray(pairs) ? pairs.map((pair) => quoted(text((pair as readonly Json[])[0]))).join(", ") : "";
}

function fieldsOf(value: Json | undefined): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function text(value: Json | undefined): string {
  return value === undefined ? "?" : typeof value === "string" ? value : JSON.stringify(value);
}

/** Ids are hostile on purpose: short, and in quotes where they are no plain name. */
export function quoted(id: string): string {
  const short = id.length > 20 ? `${id.slice(0, 19)}…` : id;
  return /^[\w-]+$/.test(id) ? short : JSON.stringify(short);
}
