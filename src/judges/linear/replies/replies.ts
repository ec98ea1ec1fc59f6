/** The claim of a reply about its node: the change that its call made, or what the node was. One table, from docs/protocol.md, section 4. */
import type { Call } from "../../../check/history.ts";
import type { ChangeKind, HeldNode, LineEntry } from "../../truth.ts";
import type { NodeMoment } from "./moment.ts";

type Fits = (call: Call, moment: NodeMoment) => boolean;

export interface ReplyClaim {
  /** The kind of change that the call made, or may have made. */
  readonly makes: ChangeKind | null;
  /** Whether the node may have been so, if the call made no change; null: then nothing explains the reply. */
  readonly sees: Fits | null;
  /** With neither an incarnation nor a version it claims nothing: an instance may answer from its view then, which says nothing about now. */
  readonly isOfTheView?: true;
}

const makes = (kind: ChangeKind): ReplyClaim => ({ makes: kind, sees: null });
const sees = (fits: Fits): ReplyClaim => ({ makes: null, sees: fits });
const seesNode = (fits: (call: Call, node: HeldNode, moment: NodeMoment) => boolean): ReplyClaim =>
  sees((call, moment) => moment.record !== null && fits(call, moment.record, moment));

const isOf = ({ incarnation }: Call, node: HeldNode): boolean =>
  incarnation === undefined || node.incarnation === incarnation;
/** Finished jobs are looked for before places are, and a job that has a place is not remembered as finished. */
const isFinished = (moment: NodeMoment, job: string): boolean => moment.completion(job) !== "no" && !moment.has(job);
const isForgotten = (moment: NodeMoment, job: string): boolean => moment.completion(job) !== "yes";
const hasNoPlace = (moment: NodeMoment, job: string): boolean =>
  moment.record === null || (!moment.has(job) && isForgotten(moment, job));

const reserving: Readonly<Record<string, ReplyClaim>> = {
  reserved: makes("reserved"),
  already: seesNode(({ job = "" }, _, moment) => moment.has(job)),
  full: seesNode(
    ({ job = "" }, node, moment) => node.status === "online" && hasNoPlace(moment, job) && moment.size >= node.maxJobs,
  ),
  not_online: sees(
    ({ job = "" }, moment) => moment.record === null || (moment.record.status !== "online" && isForgotten(moment, job)),
  ),
  finished: seesNode(({ job = "" }, _, moment) => isFinished(moment, job)),
  finished_unknown: seesNode(
    ({ job = "" }, _, moment) => !moment.has(job) && isForgotten(moment, job) && moment.mayHaveForgotten,
  ),
};

const unknownNode: ReplyClaim = { makes: null, sees: (_, { record }) => record === null, isOfTheView: true };
const superseded = seesNode((call, node) => call.incarnation === undefined || !isOf(call, node));
/** It names the incarnation that there is, which is another one than was to be replaced. */
const conflict = sees((call, { record }) => {
  const { expected, incarnation = null } = call;
  const stored = record?.incarnation ?? null;
  return stored === incarnation && (expected === undefined || stored !== expected);
});
const known = seesNode((call, node) => node.status === "online" && isOf(call, node));
const notOnline = seesNode((call, node) => node.status !== "online" && isOf(call, node));

const table: Readonly<Partial<Record<Call["op"], Readonly<Record<string, ReplyClaim>>>>> = {
  register_node: {
    registered: makes("registered"),
    already: known,
    // It names the incarnation that there is.
    superseded: seesNode(isOf),
    conflict,
  },
  heartbeat: {
    renewed: { ...known, makes: "health" },
    already: known,
    stale: known,
    not_online: notOnline,
    superseded,
    unknown_node: unknownNode,
  },
  offline_node: {
    offline: makes("offline"),
    already: notOnline,
    superseded,
    unknown_node: unknownNode,
  },
  dispatch: reserving,
  reserve_job: reserving,
  complete_job: {
    completed: {
      makes: "completed",
      sees: ({ job = "" }, moment) => moment.record !== null && isFinished(moment, job),
    },
    unknown: sees(({ job = "" }, moment) => hasNoPlace(moment, job)),
  },
  release_job: {
    completed: makes("released"),
    unknown: sees(({ job = "" }, moment) => moment.record === null || !moment.has(job)),
  },
};

/** Words of histories are strings of their own, which maps find faster than properties. */
const claims = new Map(Object.entries(table).map(([op, replies]) => [op, new Map(Object.entries(replies))] as const));

/** null: it claims nothing that could be judged. */
export function claimOf({ incarnation, op, reply, version }: Call): ReplyClaim | null {
  const claim = claims.get(op)?.get(reply);
  if (claim === undefined) return null;
  return claim.isOfTheView === true && incarnation === undefined && version === undefined ? null : claim;
}

/** Whether its client was answered that it did not happen. What throws claims nothing, but an aborted call that throws has had no effect, for certain. */
export function isDenied({ outcome, reply }: Pick<Call, "outcome" | "reply">): boolean {
  return outcome === "fail" && (!reply.startsWith("threw") || reply.startsWith("threw AbortError"));
}

/** Whether the change is the one that the reply reports. */
export function isOwn(call: Call, kind: ChangeKind, entry: LineEntry): boolean {
  if (entry.kind !== kind || entry.node !== call.node) return false;
  if (entry.job !== null) return entry.job === call.job;
  return !entry.record || (isOf(call, entry.record) && isAsOffered(call, entry.record));
}

/** Lists are sets. */
function isAsOffered({ offer }: Call, { languages, maxJobs, pools, services }: HeldNode): boolean {
  if (offer === undefined) return true;
  const isSame = (one: readonly string[], other: readonly string[]): boolean =>
    one.every((each) => other.includes(each)) && other.every((each) => one.includes(each));
  const pairs = [offer.languages, languages].map((list) => list.map(({ source, target }) => `${source}:${target}`));
  return (
    offer.max_jobs === maxJobs &&
    isSame(offer.pools, pools) &&
    isSame(offer.services, services) &&
    isSame(pairs[0] ?? [], pairs[1] ?? [])
  );
}

const requestedBy: Readonly<Partial<Record<Call["op"], ChangeKind>>> = {
  register_node: "registered",
  heartbeat: "health",
  offline_node: "offline",
  dispatch: "reserved",
  reserve_job: "reserved",
  complete_job: "completed",
  release_job: "released",
};

/** About an incarnation, not a job. */
const ofIncarnation: ReadonlySet<ChangeKind> = new Set<ChangeKind>(["health", "offline"]);

/** The change that a call asks for, as `requestedChange` names it; null: none. @param isNamed incarnations are distinguished */
export function changeAskedFor({ incarnation = "", job = "", op }: Call, isNamed = true): string | null {
  const kind = requestedBy[op];
  if (kind === undefined) return null;
  if (ofIncarnation.has(kind)) return `${kind} ${isNamed ? incarnation : ""}`;
  return `${kind} ${job}`;
}

/** The change as a call asks for it; null: the store makes it by itself, when a sweep finds something due, or it is not known for which incarnation it is. */
export function requestedChange({ job, kind, record }: LineEntry, isNamed = true): string | null {
  if (kind === "expired" || kind === "lapsed" || kind === "removed") return null;
  if (!ofIncarnation.has(kind)) return `${kind} ${job ?? ""}`;
  return record ? `${kind} ${isNamed ? record.incarnation : ""}` : null;
}

/** Whether every one of these calls that is about an incarnation names it; an instance takes the one that it knows for one that is not named. */
export function everyNamed(calls: readonly Call[]): boolean {
  return calls.every(
    ({ incarnation, op }) => incarnation !== undefined || !ofIncarnation.has(requestedBy[op] ?? "removed"),
  );
}
