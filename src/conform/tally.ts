/** How often each property's premise was met, counted as the steps go by; and the trace by which two runs are compared. */
import { createHash } from "node:crypto";
import type { PropertyId } from "../check/properties.ts";
import type { Advanced } from "./advance.ts";
import type { StepRecord, Watcher } from "./execute.ts";
import { partitionOf } from "./plan/world.ts";
import { wrongOf } from "./plan/wrong-types.ts";
import type { Content } from "./store/content.ts";
import { replyJson } from "./store/request.ts";

/** The properties that conform exercises. The others are about instances, time or the world, which it does not have. */
export const conformProperties = [
  "J1",
  "J2",
  "J3",
  "J4",
  "V1",
  "N1",
  "F1",
  "K2",
  "K7",
] as const satisfies readonly PropertyId[];
export type ConformProperty = (typeof conformProperties)[number];

/** How often a batch met each of them. */
export interface Occasions {
  /** Calls that were refused because a key held another type. */
  refused_by_type: number;
  /** Calls that went on although some key of their partition did. */
  past_wrong_type: number;
  /** Sweeps in which a candidate failed, for such a key, and another one did not. */
  failed_alone: number;
  /** Calls whose script read the clock of its server. */
  server_clock: number;
  /** Groups in which several items changed something. */
  changed_together: number;
  /** Groups in which an item was refused, and a later one changed something. */
  refused_in_group: number;
}

export interface Tally extends Watcher {
  readonly met: ReadonlyMap<ConformProperty, number>;
  /** Lost messages of synchronous calls; those of calls in flight are counted by `Traffic`. */
  readonly lostRequests: number;
  readonly lostReplies: number;
  readonly epochs: number;
  /** Situations that are rare, and that a batch has to meet. */
  readonly occasions: Readonly<Occasions>;
  /** 16 hex digits over every command, reply and content, by the model's names: equal for equal runs, in any process. */
  traceHash(): string;
}

export function createTally(): Tally {
  const met = new Map<ConformProperty, number>(conformProperties.map((id) => [id, 0]));
  const trace = createHash("sha256");
  const count = { lostRequests: 0, lostReplies: 0, epochs: 0, changes: 0 };
  const occasions: Occasions = {
    refused_by_type: 0,
    past_wrong_type: 0,
    failed_alone: 0,
    server_clock: 0,
    changed_together: 0,
    refused_in_group: 0,
  };
  const meet = (id: ConformProperty, often = 1): void => void met.set(id, (met.get(id) ?? 0) + often);
  return {
    get met() {
      // V1 says two things; it is exercised only if both could have gone wrong.
      const versions = count.changes > 0 && count.epochs > 0 ? count.changes + count.epochs : 0;
      return new Map(met).set("V1", versions);
    },
    get lostRequests() {
      return count.lostRequests;
    },
    get lostReplies() {
      return count.lostReplies;
    },
    get epochs() {
      return count.epochs;
    },
    occasions,
    traceHash: () => trace.copy().digest("hex").slice(0, 16),
    stepped(record, content) {
      trace.update(traceLine(record, content));
      if (record.attempt === 1 && "delivery" in record.move) {
        count.lostRequests += Number(record.move.delivery === "request_lost");
        count.lostReplies += Number(record.move.delivery === "reply_lost");
      }
      count.changes += record.advanced?.changes ?? 0;
      count.epochs += Number(record.advanced?.began === true && wasBegun(record));
      for (const id of premises(record)) meet(id);
      meetOccasions(occasions, record);
    },
  };
}

function meetOccasions(occasions: Occasions, { advanced, before, resolved }: StepRecord): void {
  if (!resolved || !advanced) return;
  const isRefused = advanced.reply.kind === "wrong_type";
  occasions.refused_by_type += Number(isRefused);
  occasions.past_wrong_type += Number(!isRefused && wrongOf(before, resolved.target).size > 0);
  occasions.failed_alone += Number(failsAlone(advanced.reply));
  occasions.server_clock += Number(resolved.clock === "server");
  if (advanced.reply.kind !== "grouped") return;
  occasions.changed_together += Number(advanced.changes > 1);
  occasions.refused_in_group += Number(goesOnPastRefusal(advanced.reply, advanced.changes));
}

/** A later item has taken a version: the group ends at a higher one than was in force at the refusal. */
function goesOnPastRefusal({ replies, version }: GroupedReply, changes: number): boolean {
  const refused = replies.findIndex(({ kind }) => unread.has(kind));
  if (refused < 0) return false;
  const before = replies.slice(0, refused).findLast((reply) => "version" in reply);
  const atRefusal = before === undefined ? version.sequence - changes : before.version.sequence;
  return version.sequence > atRefusal;
}

type GroupedReply = Extract<Advanced["reply"], { readonly kind: "grouped" }>;

function failsAlone(reply: Advanced["reply"]): boolean {
  if (reply.kind !== "swept" || reply.failed.length === 0) return false;
  return reply.expired.length + reply.removed.length + reply.lapsed.length > 0;
}

function traceLine({ move, attempt, resolved, advanced, isExact }: StepRecord, content: Content): string {
  if (!isExact) return `${JSON.stringify([attempt, move])}\n`;
  const reply = advanced ? replyJson(advanced.reply) : null;
  return `${JSON.stringify([attempt, resolved ?? move, reply, [...content].sort(([a], [b]) => (a < b ? -1 : 1))])}\n`;
}

/** The first epoch of a store is no change of epoch. */
function wasBegun({ resolved, before }: StepRecord): boolean {
  if (!resolved) return false;
  const log = resolved.target === "cfg" ? before.config : partitionOf(before, resolved.target);
  return log.nextEpoch > 1;
}

function repliesOf(reply: Advanced["reply"]): readonly { readonly kind: string }[] {
  return reply.kind === "grouped" ? reply.replies : [];
}

const jobCommands: ReadonlySet<string> = new Set(["reserve_job", "complete_job", "release_job"]);
/** Calls by which a life of a node speaks for itself: only these can overwrite what a later one said. */
const ofOneLife: ReadonlySet<string> = new Set(["register_node", "heartbeat", "offline_node"]);
const endsJobs: ReadonlySet<string> = new Set([...jobCommands, "register_node", "offline_node", "sweep"]);

const late: ReadonlySet<string> = new Set(["stale", "superseded", "conflict", "not_online"]);

/** Refused before the script's own work: repeating such a call repeats none of it. */
const unread: ReadonlySet<string> = new Set(["invalid", "layout_mismatch", "wrong_type"]);
/** Answers given before any job was looked at: repeating such a call compares nothing about jobs. */
const refusals: ReadonlySet<string> = new Set([...unread, "unknown_node", "not_online"]);

function premises(record: StepRecord): readonly ConformProperty[] {
  const { resolved, advanced, attempt } = record;
  if (!resolved || !advanced) return [];
  const { command } = resolved;
  const { kind } = command;
  const { reply } = advanced;
  const kinds = command.kind === "group" ? command.items.map((item) => item.kind) : [kind];
  const replies = command.kind === "group" ? repliesOf(reply) : [reply];
  const isLate = replies.some((each, index) => ofOneLife.has(kinds[index] ?? "") && late.has(each.kind));
  const premise: readonly (readonly [ConformProperty, boolean])[] = [
    ["J1", kinds.some((each) => endsJobs.has(each)) && holdsJobs(record)],
    ["J2", replies.some((each) => each.kind === "full")],
    ["J3", attempt === 2 && jobCommands.has(kind) && !refusals.has(reply.kind)],
    ["J4", lastJobEnded(record)],
    ["N1", isLate],
    ["F1", reply.kind === "changes" && reply.entries.length > 0],
    ["K2", attempt === 2 && !unread.has(reply.kind)],
    ["K7", true],
  ];
  return premise.filter(([, isMet]) => isMet).map(([id]) => id);
}

/** Where no node has a job before or after, a count of 0 is all there is to compare. */
function holdsJobs({ resolved, before, advanced }: StepRecord): boolean {
  if (!resolved || !advanced || resolved.target === "cfg") return false;
  const { target } = resolved;
  return [before, advanced.world].some((world) => partitionOf(world, target).jobs.size > 0);
}

function lastJobEnded({ resolved, before, advanced }: StepRecord): boolean {
  if (!resolved || !advanced || resolved.target === "cfg") return false;
  const held = partitionOf(before, resolved.target).jobs;
  const holds = partitionOf(advanced.world, resolved.target).jobs;
  return [...held.keys()].some((node) => !holds.has(node));
}
