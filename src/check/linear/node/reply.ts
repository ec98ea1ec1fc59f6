/** What a reply says about a node: which change it made, or what it must have seen. docs/protocol.md, section 4; docs/histories.md. */
import type { Call } from "../../history.ts";
import type { ObservedChange } from "../../observed/observation.ts";
import type { Held, NodeMoment, NodeRecord } from "./moment.ts";

export interface Saying {
  /** The kind of change that it says it made, or may have made. */
  readonly makes: ObservedChange["kind"] | null;
  /** Whether the node may have been this, if it made none; null: then it is no reply at all. */
  readonly sees: ((call: Call, moment: NodeMoment | "absent") => boolean) | null;
  /** Without an incarnation it claims nothing: an instance may answer from its view then, which says nothing about now. */
  readonly needsIncarnation?: true;
}

const makes = (kind: ObservedChange["kind"]): Saying => ({ makes: kind, sees: null });
const sees = (fits: (call: Call, moment: NodeMoment | "absent") => boolean): Saying => ({ makes: null, sees: fits });
const seesNode = (fits: (call: Call, node: NodeMoment) => boolean): Saying =>
  sees((call, moment) => moment !== "absent" && fits(call, moment));

const isOf = ({ incarnation }: Call, node: NodeRecord): boolean =>
  incarnation === undefined || node.incarnation === incarnation;
const isFinished = (node: NodeMoment, job: string): boolean => node.jobs.completion(job) !== "no";
const hasNoPlace = (moment: NodeMoment | "absent", job: string): boolean =>
  moment === "absent" || (!moment.jobs.has(job) && moment.jobs.completion(job) !== "yes");

const reserving: Readonly<Record<string, Saying>> = {
  reserved: makes("reserved"),
  already: seesNode(({ job = "" }, { jobs }) => jobs.has(job)),
  full: seesNode(
    ({ job = "" }, node) => node.status === "online" && hasNoPlace(node, job) && node.jobs.size >= node.max_jobs,
  ),
  not_online: sees(
    ({ job = "" }, moment) =>
      moment === "absent" || (moment.status !== "online" && moment.jobs.completion(job) !== "yes"),
  ),
  finished: seesNode(({ job = "" }, node) => isFinished(node, job) && !node.jobs.has(job)),
};

const isNobody = (_: Call, moment: NodeMoment | "absent"): boolean => moment === "absent";
const seesNobody: Saying = { makes: null, sees: isNobody, needsIncarnation: true };
const superseded = seesNode((call, node) => call.incarnation === undefined || !isOf(call, node));
const known = seesNode((call, node) => node.status === "online" && isOf(call, node));
const notOnline = seesNode((call, node) => node.status !== "online" && isOf(call, node));

const rules: Readonly<Partial<Record<Call["op"], Readonly<Record<string, Saying>>>>> = {
  register_node: {
    registered: makes("registered"),
    already: known,
    // It is told the incarnation that there is.
    superseded: seesNode(isOf),
  },
  heartbeat: {
    renewed: { ...known, makes: "health" },
    already: known,
    stale: known,
    not_online: notOnline,
    superseded,
    unknown_node: seesNobody,
  },
  offline_node: {
    offline: makes("offline"),
    already: notOnline,
    superseded,
    unknown_node: seesNobody,
  },
  dispatch: reserving,
  reserve_job: reserving,
  complete_job: {
    completed: {
      makes: "completed",
      sees: ({ job = "" }, moment) => moment !== "absent" && isFinished(moment, job) && !moment.jobs.has(job),
    },
    unknown: sees(({ job = "" }, moment) => hasNoPlace(moment, job)),
  },
  release_job: {
    completed: makes("released"),
    unknown: sees(({ job = "" }, moment) => moment === "absent" || !moment.jobs.has(job)),
  },
};

/** Words of histories are strings of their own, which maps find faster than properties. */
const sayings = new Map(Object.entries(rules).map(([op, replies]) => [op, new Map(Object.entries(replies))] as const));

/** null: it claims nothing that could be judged. */
export function sayingOf({ incarnation, op, reply }: Call): Saying | null {
  const saying = sayings.get(op)?.get(reply);
  if (saying === undefined || (saying.needsIncarnation === true && incarnation === undefined)) return null;
  return saying;
}
const wantedBy: Readonly<Partial<Record<Call["op"], ObservedChange["kind"]>>> = {
  register_node: "registered",
  heartbeat: "health",
  offline_node: "offline",
  dispatch: "reserved",
  reserve_job: "reserved",
  complete_job: "completed",
  release_job: "released",
};

/** What a call asks for, as `wantOf` names it in a change; null: for no change. */
export function wishOf({ incarnation = "", job = "", op }: Call): string | null {
  const kind = wantedBy[op];
  if (kind === undefined) return null;
  return `${kind} ${kind === "health" ? incarnation : job}`;
}

/** Whose call a change needs; null: the store's own doing, when a sweep finds something due. */
export function wantOf(change: ObservedChange, before: Held): string | null {
  switch (change.kind) {
    case "expired":
    case "lapsed":
    case "removed":
      return null;
    case "health":
      return typeof before === "string" ? null : `health ${before.incarnation}`;
    case "reserved":
    case "completed":
    case "released":
      return `${change.kind} ${change.job}`;
    default:
      return `${change.kind} `;
  }
}

/** Whether the change is the one that the reply tells of. */
export function isOwn(call: Call, kind: ObservedChange["kind"], change: ObservedChange, before: Held): boolean {
  if (change.kind !== kind) return false;
  if ("job" in change) return change.job === call.job;
  if (change.kind === "registered") return call.incarnation === undefined || change.incarnation === call.incarnation;
  return typeof before === "string" || isOf(call, before);
}
