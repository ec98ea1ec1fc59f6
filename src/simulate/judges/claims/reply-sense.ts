/** What a reply says of its node at the version that it names (docs/protocol.md, section 4), and whether it was so. */
import type { NodeRecord } from "../../../../model/partition/command.ts";
import type { Call } from "../../../check/history.ts";
import type { Millis } from "../../../scheduler/ports.ts";
import { lifeText } from "../../servers/epoch-text.ts";
import type { EpochLine, SimulatedEntry } from "../truth.ts";

/** What a call of this kind makes, where its reply says that it did. */
const makes: Readonly<Record<string, { readonly reply: string; readonly change: SimulatedEntry["change"]["kind"] }>> = {
  register_node: { reply: "registered", change: "registered" },
  offline_node: { reply: "offline", change: "offline" },
  reserve_job: { reply: "reserved", change: "reserved" },
  dispatch: { reply: "reserved", change: "reserved" },
  release_job: { reply: "completed", change: "released" },
};

/** The change that a reply says its call has made; null: none, or it does not say. */
export function madeBy({ op, reply }: Call): SimulatedEntry["change"]["kind"] | null {
  const made = makes[op];
  return made?.reply === reply ? made.change : null;
}

/** Whether what the reply says was so in one of these epochs at some moment of the call: of a reply that does not say at which version. */
export function wasEverSo(call: Call, to: Millis, lines: readonly EpochLine[]): boolean {
  return lines.some((line) => line.begunAt <= to && wasSoIn(call, to, line));
}

function wasSoIn(call: Call, to: Millis, line: EpochLine): boolean {
  const { from, node = "" } = call;
  const isState = madeBy(call) === null;
  if (isState && whyNotSo(call, line, line.last) === null) return true;
  for (const { at, sequence } of line.since(node, from)) {
    if (at <= to && whyNotSo(call, line, sequence) === null) return true;
    if (isState && whyNotSo(call, line, sequence - 1) === null) return true;
  }
  return false;
}

/** Why what the reply says was not so at its version; null: it was, or it says nothing of the node. */
export function whyNotSo(call: Call, line: EpochLine, sequence: number): string | null {
  const { node = "" } = call;
  const made = madeBy(call);
  if (made !== null)
    return isMadeBy(call, made, line.entry(sequence)) ? null : `no change ${made} of it has that version`;
  const record = line.recordAt(node, sequence);
  return isSo(call, record, line, sequence) ? null : `the node was ${inWords(record)} then`;
}

function isMadeBy(
  { incarnation, job, node }: Call,
  made: SimulatedEntry["change"]["kind"],
  entry: SimulatedEntry | undefined,
): boolean {
  if (entry === undefined || entry.node !== node || entry.change.kind !== made) return false;
  const { change } = entry;
  if (change.kind === "registered") return incarnation === lifeText(change.incarnation);
  return !("job" in change) || change.job === job;
}

function isSo(call: Call, record: NodeRecord | null, line: EpochLine, sequence: number): boolean {
  const { job = "", node = "", op, reply } = call;
  const isOnline = record?.status === "online";
  switch (op) {
    case "register_node":
      return reply !== "already" || (isOnline && isOfLife(call, record));
    case "heartbeat":
      return isHeartbeatSo(call, record, isOnline);
    case "offline_node":
      if (reply === "superseded") return isOfAnotherLife(call, record);
      if (reply === "unknown_node") return record === null;
      return reply !== "already" || (record !== null && !isOnline);
    case "reserve_job":
      if (reply === "not_online") return !isOnline;
      if (reply === "full") return record !== null && record.currentJobs >= record.maxJobs;
      if (reply === "finished") return line.finished(node, job, sequence);
      return reply !== "already" || line.holds(node, job, sequence);
    case "dispatch":
      if (reply === "finished") return line.finished(node, job, sequence);
      return reply !== "already" || line.holds(node, job, sequence);
    case "complete_job":
      if (reply === "completed") return line.finished(node, job, sequence);
      return reply !== "unknown" || !line.holds(node, job, sequence);
    case "release_job":
      return reply !== "unknown" || !line.holds(node, job, sequence);
    default:
      return true;
  }
}

function isHeartbeatSo(call: Call, record: NodeRecord | null, isOnline: boolean): boolean {
  switch (call.reply) {
    case "renewed":
    case "already":
    case "stale":
      return isOnline && record !== null && isOfLife(call, record);
    case "superseded":
      return isOfAnotherLife(call, record);
    case "unknown_node":
      return record === null;
    case "not_online":
      return record !== null && !isOnline;
    default:
      return true;
  }
}

function isOfAnotherLife(call: Call, record: NodeRecord | null): boolean {
  return record !== null && (call.incarnation === undefined || !isOfLife(call, record));
}

function isOfLife({ incarnation }: Call, record: NodeRecord): boolean {
  return incarnation === undefined || incarnation === lifeText(record.incarnation);
}

function inWords(record: NodeRecord | null): string {
  if (record === null) return "not there";
  const { currentJobs, incarnation, maxJobs, status } = record;
  return `${status}, ${currentJobs} of ${maxJobs} jobs, in the life ${lifeText(incarnation)}`;
}
