/** The approximate size of replies, for links with limited bandwidth, and what fits into one of a limited size. */
import type { Reply } from "../../../model/partition/command.ts";
import type { Asked } from "../trace/events.ts";

type AskedFor<Kind extends Asked["kind"]> = Extract<Asked, { readonly kind: Kind }>;

const bytesOfEntry = 180;
const bytesOfRecord = 400;
const bytesOfId = 20;

export function bytesOf(reply: Reply): number {
  if (reply.kind === "changes") return 60 + bytesOfEntry * reply.entries.length;
  if (reply.kind !== "page") return 80;
  return 60 + bytesOfRecord * reply.records.length + bytesOfId * reply.next.length;
}

/** The number of changes that are asked for and fit. */
export function entriesWithin(asked: AskedFor<"changes_since">): number {
  return Math.min(asked.limit, most(asked, bytesOfEntry));
}

/** The records that fit; no ids where some do not. */
export function pageWithin(asked: AskedFor<"snapshot">): AskedFor<"snapshot"> {
  const { after, kind, limit } = asked;
  const records = asked.records.slice(0, most(asked, bytesOfRecord));
  const isShort = records.length < asked.records.length;
  return { kind, records, after, limit: isShort ? 0 : Math.min(limit, most(asked, bytesOfId)) };
}

function most({ maxBytes = Number.POSITIVE_INFINITY }: { readonly maxBytes?: number }, size: number): number {
  return Math.ceil(maxBytes / size);
}
