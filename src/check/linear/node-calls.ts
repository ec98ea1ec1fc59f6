/** The calls of one node, each at the positions that its reply allows. */
import type { Call, Millis } from "../history.ts";
import type { Courses } from "./node-course.ts";
import type { Moment } from "./node-moment.ts";
import { isOwn, sayingOf, wishOf } from "./node-reply.ts";
import type { PlacedCall, Range } from "./order.ts";

export interface JudgedCall extends PlacedCall {
  readonly call: Call;
  /** Which servers' doing it may have been; null: any of them. */
  readonly era: number | null;
  /** Whether what the node was then is known. */
  readonly isKnown: boolean;
}

/** @param lost how many of its requests to the store were not answered: each of them may still take effect
 * @param late how much later than the answer its end may have been taken down, ms
 * @returns null where it says nothing that could be judged, and did nothing
 */
export function judgedCall(courses: Courses, call: Call, lost: number, late: Millis): JudgedCall | null {
  const isOpen = call.outcome === "info" || call.to === null || call.reply.startsWith("threw");
  const mayHaveMade = isOpen || lost > 0 ? wishOf(call) : null;
  if (isOpen) {
    if (mayHaveMade === null) return null;
    const to = Number.POSITIVE_INFINITY;
    return {
      call,
      from: call.from,
      to,
      made: null,
      seen: [],
      mayHaveMade,
      times: Math.max(1, lost),
      era: null,
      isKnown: true,
    };
  }
  if (call.outcome === "fail") return null;
  const base = { call, from: call.from, to: call.to ?? 0, mayHaveMade, times: lost };
  const placed = call.op === "get_node" ? placeRead(courses, call, late) : placeReply(courses, call);
  return placed === null ? null : { ...base, ...placed };
}

type Place = Pick<JudgedCall, "made" | "seen" | "era" | "isKnown"> & { readonly from?: Millis };

function placeReply(courses: Courses, call: Call): Place | null {
  const saying = sayingOf(call);
  const { node = "", version } = call;
  if (saying === null) return null;
  if (version === undefined) {
    // Only `finished` of a dispatch comes without.
    const { sees } = saying;
    return sees === null ? null : anywhere(courses.rangesOf(node, (moment) => moment !== "unseen" && sees(moment)));
  }
  const position = courses.positionOf(version);
  const epoch = courses.epochOf(version);
  if (position === null || epoch === null) return null;
  const step = courses.at(node, version, position);
  const after = courses.at(node, version, position + 1);
  const isUnseen = after.moment === "unseen" && after.entry === null;
  const before = courses.at(node, version, position - 1).moment;
  const change = step.entry?.sequence === version.sequence && step.from === position ? step.entry.change : null;
  const { makes, sees } = saying;
  const made = makes !== null && (change === null ? isUnseen : isOwn(call, makes, change, before)) ? position : null;
  const isSeen = sees !== null && (after.moment === "unseen" || sees(after.moment));
  const seen = isSeen ? [{ first: position + 1, last: position + 1 }] : [];
  return { made, seen, era: epoch.era, isKnown: after.moment !== "unseen" };
}

/**
 * Only an answer that came from Redis claims to be fresh: true at some moment since it was asked for, which its age tells, since whoever asks
 * for what is being asked for already shares the answer. What comes from a cache is V2's matter.
 */
function placeRead(courses: Courses, { from, node = "", read, to }: Call, late: Millis): Place | null {
  if (read === undefined || read.source !== "redis" || read.stale || read.age_ms < 0) return null;
  const since = Math.min(from, Math.max(from, (to ?? from) - late) - read.age_ms);
  const content = read.node;
  if (content === null) return { ...anywhere(courses.absentRanges(node)), from: since };
  const position = courses.positionOf(content.version);
  const epoch = courses.epochOf(content.version);
  if (position === null || epoch === null) return null;
  const shown = (moment: Moment): boolean =>
    moment === "unseen" ||
    (moment !== "absent" &&
      moment.version.epoch === content.version.epoch &&
      moment.version.sequence === content.version.sequence &&
      moment.status === content.status &&
      moment.incarnation === content.incarnation &&
      moment.max_jobs === content.max_jobs &&
      moment.jobs.size === content.current_jobs);
  const isSeen = content.version.sequence <= epoch.last;
  const beyond = { first: position, last: Number.MAX_SAFE_INTEGER };
  return { ...anywhere(isSeen ? courses.rangesFrom(node, position, shown) : [beyond]), from: since, isKnown: isSeen };
}

function anywhere(seen: readonly Range[]): Place {
  return { made: null, seen, era: null, isKnown: true };
}
