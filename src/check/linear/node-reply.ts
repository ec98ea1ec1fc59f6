/** What a reply says about a node: which change it made, or what it must have seen. docs/protocol.md, section 4; docs/histories.md. */
import type { Call } from "../history.ts";
import type { ObservedChange } from "../observation.ts";
import type { Moment, NodeMoment } from "./node-moment.ts";

export interface Saying {
  /** The kind of change that it says it made, or may have made. */
  readonly makes: ObservedChange["kind"] | null;
  /** What the node must have been if it made none; null: then it is no reply at all. */
  readonly sees: ((moment: NodeMoment | "absent") => boolean) | null;
}

type Rule = (call: Call) => Saying | null;

const makes = (kind: ObservedChange["kind"]): Saying => ({ makes: kind, sees: null });
const sees = (fits: (moment: NodeMoment | "absent") => boolean): Saying => ({ makes: null, sees: fits });
const seesNode = (fits: (node: NodeMoment) => boolean): Saying => sees((moment) => moment !== "absent" && fits(moment));

/** Without an incarnation an instance may answer from its view, which claims nothing about now. */
const seesNobody: Rule = ({ incarnation }) =>
  incarnation === undefined ? null : sees((moment) => moment === "absent");

const isOf = ({ incarnation }: Call, node: NodeMoment): boolean =>
  incarnation === undefined || node.incarnation === incarnation;
const isFinished = (node: NodeMoment, job: string): boolean => node.jobs.completion(job) !== "no";
const hasNoPlace = (moment: NodeMoment | "absent", job: string): boolean =>
  moment === "absent" || (!moment.jobs.has(job) && moment.jobs.completion(job) !== "yes");

const reserving: Readonly<Record<string, Rule>> = {
  reserved: () => makes("reserved"),
  already: ({ job = "" }) => seesNode(({ jobs }) => jobs.has(job)),
  full: ({ job = "" }) =>
    seesNode((node) => node.status === "online" && hasNoPlace(node, job) && node.jobs.size >= node.max_jobs),
  not_online: ({ job = "" }) =>
    sees((moment) => moment === "absent" || (moment.status !== "online" && moment.jobs.completion(job) !== "yes")),
  finished: ({ job = "" }) => seesNode((node) => isFinished(node, job) && !node.jobs.has(job)),
};

const superseded: Rule = (call) => seesNode((node) => call.incarnation === undefined || !isOf(call, node));
const known: Rule = (call) => seesNode((node) => node.status === "online" && isOf(call, node));

const rules: Readonly<Partial<Record<Call["op"], Readonly<Record<string, Rule>>>>> = {
  register_node: {
    registered: () => makes("registered"),
    already: known,
    // It is told the incarnation that there is.
    superseded: (call) => seesNode((node) => isOf(call, node)),
  },
  heartbeat: {
    renewed: (call) => ({ ...(known(call) as Saying), makes: "health" }),
    already: known,
    stale: known,
    not_online: (call) => seesNode((node) => node.status !== "online" && isOf(call, node)),
    superseded,
    unknown_node: seesNobody,
  },
  offline_node: {
    offline: () => makes("offline"),
    already: (call) => seesNode((node) => node.status !== "online" && isOf(call, node)),
    superseded,
    unknown_node: seesNobody,
  },
  dispatch: reserving,
  reserve_job: reserving,
  complete_job: {
    completed: ({ job = "" }) => ({
      makes: "completed",
      sees: (moment) => moment !== "absent" && isFinished(moment, job) && !moment.jobs.has(job),
    }),
    unknown: ({ job = "" }) => sees((moment) => hasNoPlace(moment, job)),
  },
  release_job: {
    completed: () => makes("released"),
    unknown: ({ job = "" }) => sees((moment) => moment === "absent" || !moment.jobs.has(job)),
  },
};

/** null: it claims nothing that could be judged. */
export function sayingOf(call: Call): Saying | null {
  return rules[call.op]?.[call.reply]?.(call) ?? null;
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
export function wantOf(change: ObservedChange, before: Moment): string | null {
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
export function isOwn(call: Call, kind: ObservedChange["kind"], change: ObservedChange, before: Moment): boolean {
  if (change.kind !== kind) return false;
  if ("job" in change) return change.job === call.job;
  if (change.kind === "registered") return call.incarnation === undefined || change.incarnation === call.incarnation;
  return typeof before === "string" || isOf(call, before);
}
