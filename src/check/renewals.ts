/**
 * Of D4: a heartbeat that named a job and was acknowledged has renewed its lease, so that the job keeps its place for as long as it was promised
 * from the moment at which the heartbeat was sent, at the least. The observer sees a lapse after it happened; so what was seen too early was.
 */
import { type Call, type HistoryEvent, type Millis, ofKind, type Version, versionText } from "./history.ts";
import { inMs, type Trial } from "./judgement.ts";
import { type Entry, entriesOf } from "./observation.ts";

interface Renewals {
  /** Jobs that had their places for longer than the lease with which they got them. */
  readonly outlived: number;
  readonly violations: readonly (readonly string[])[];
}

/** The server counts whole milliseconds, at both ends of a lease, and its clock may be slewed against ours by half a thousandth. */
const grain: Millis = 5;

/** Nothing is judged where the lease is not known, or the server's clock was moved. */
export function judgeRenewals({ history, observations, terms }: Trial): Renewals {
  const { lease } = terms;
  if (lease === undefined || isClockMoved(history)) return { outlived: 0, violations: [] };
  const entries = Map.groupBy(entriesOf(observations), ({ change, epoch }) => keyOf(epoch, change.node));
  const outlived = new Set<string>();
  const violations: (readonly string[])[] = [];
  for (const call of ofKind(history, "call")) {
    const { from, node = "", op, outcome, reply, running = [], version } = call;
    if (op !== "heartbeat" || reply !== "renewed" || outcome !== "ok" || version === undefined) continue;
    const own = entries.get(keyOf(version.epoch, node)) ?? [];
    for (const job of running) {
      const since = own.findLast((entry) => entry.sequence <= version.sequence && endsOrBegins(entry, job));
      if (since?.change.kind === "reserved" && from > since.at + lease) outlived.add(`${keyOf(node, job)} ${since.at}`);
      const story = lapsedEarly({ call, version, job, until: from + lease }, own);
      if (story !== null) violations.push(story);
    }
  }
  return { outlived: outlived.size, violations };
}

interface Promised {
  readonly call: Call;
  readonly version: Version;
  readonly job: string;
  readonly until: Millis;
}

/** A job that lapses with no other reservation of it in between had its place when the heartbeat came. */
function lapsedEarly({ call, job, until, version }: Promised, own: readonly Entry[]): readonly string[] | null {
  const next = own.find((entry) => entry.sequence > version.sequence && endsOrBegins(entry, job));
  if (next?.change.kind !== "lapsed" || next.at >= until - grain) return null;
  return [
    `job ${job} lost its place on node ${call.node} ${inMs(until - next.at)} before the lease ended that an acknowledged heartbeat had renewed, allowed is none before`,
    `heartbeat ${call.seq ?? 0} named it, by instance ${call.instance} at ${inMs(call.from)}, answered renewed at ${versionText(version)}; lapsed at sequence ${next.sequence}, seen at ${inMs(next.at)}`,
  ];
}

/** Whether it is about the job's place, or about all of its node's. */
function endsOrBegins({ change }: Entry, job: string): boolean {
  if (change.kind === "health") return false;
  if (change.kind === "lapsed") return change.jobs.includes(job);
  return !("job" in change) || change.job === job;
}

function isClockMoved(history: readonly HistoryEvent[]): boolean {
  return ofKind(history, "fault").some(({ name }) => name === "clock_jump");
}

function keyOf(one: string, other: string): string {
  return `${one.length}:${one}${other}`;
}
