/** The claims about every step: the state before, the command, and the result. */

import type { Change, Command, KeptLoss, Reply } from "../command.ts";
import { equal } from "../equal.ts";
import { doneOf, jobsOf, type Log, type Partition, type PartitionStep } from "../state.ts";
import { sameVersion } from "../version.ts";
import { type Broken, failed } from "./claim.ts";

/** Answers that say: nothing was done. */
const refusals: ReadonlySet<Reply["kind"]> = new Set([
  "invalid",
  "layout_mismatch",
  "superseded",
  "conflict",
  "already",
  "unknown_node",
  "not_online",
  "stale",
  "full",
  "finished",
  "finished_unknown",
  "unknown",
  "resync",
  "changes",
  "page",
  "orphans",
]);

export function stepViolations(before: Partition, command: Command, step: PartitionStep): readonly Broken[] {
  return [
    ...sequenceViolations(before, step.state, step.changes),
    ...replyViolations(step),
    ...refusalViolations(before, command, step),
    ...heartbeatViolations(before, command, step),
    ...capacityViolations(command, step),
    ...finishedViolations(before, command, step),
    ...orphanViolations(before, command, step),
  ];
}

/** V1: within an epoch the sequence grows by one a change; an epoch begins only for a reason, is new, and starts at 0. */
export function sequenceViolations(before: Log, after: Log, changes: readonly Change[]): readonly Broken[] {
  if (after.meta === null)
    return failed([[before.meta === null && changes.length === 0, "V1", "meta was lost by a step"]]);
  const { epoch, sequence } = after.meta;
  const isSameEpoch = before.meta?.epoch === epoch;
  const start = isSameEpoch ? (before.meta?.sequence ?? 0) : 0;
  const inFeed = after.feed.map((entry) => entry.change);
  const isAtEnd = equal(inFeed.slice(-changes.length), changes.slice(-inFeed.length));
  return failed([
    [sequence === start + changes.length, "V1", `sequence ${start} -> ${sequence} by ${changes.length} changes`],
    [isSameEpoch || epoch >= before.nextEpoch, "V1", `epoch ${epoch} began a second time`],
    [after.nextEpoch > epoch, "V1", `epoch ${epoch} may be given out again: the next is ${after.nextEpoch}`],
    [isSameEpoch || before.meta?.server !== before.server, "V1", `epoch ${epoch} began without a reason`],
    [changes.length === 0 || isAtEnd, "V1", "the feed does not end with the step's changes"],
  ]);
}

/** A reply that is not a refused argument carries the version after the call. */
function replyViolations({ state, reply }: PartitionStep): readonly Broken[] {
  if (reply.kind === "invalid") return [];
  const { version } = reply;
  const isVersionAfter = sameVersion(version, state.meta);
  return failed([[isVersionAfter, "V1", `${reply.kind} has version ${version.epoch}:${version.sequence}`]]);
}

/** A call that was refused has not happened: no heartbeat (N1), no job (J3), no change of any kind (K2). */
function refusalViolations(before: Partition, command: Command, step: PartitionStep): readonly Broken[] {
  if (!refusals.has(step.reply.kind)) return [];
  const message = `${command.kind} answered ${step.reply.kind}, but changed something`;
  return failed([[isUntouched(before, step), propertyOf(command), message]]);
}

function propertyOf({ kind }: Command): string {
  if (kind === "heartbeat") return "N1";
  return kind === "reserve_job" || kind === "complete_job" || kind === "release_job" ? "J3" : "K2";
}

/** N1: an older heartbeat, or one of another life or of one that has ended, changes nothing, whatever is answered. */
function heartbeatViolations(before: Partition, command: Command, step: PartitionStep): readonly Broken[] {
  if (command.kind !== "heartbeat") return [];
  const record = before.nodes.get(command.node);
  const isOfThisLife =
    record?.status === "online" &&
    sameVersion(record.incarnation, command.incarnation) &&
    (command.seq > record.heartbeatSeq ||
      (command.seq === record.heartbeatSeq && command.chunk > record.heartbeatChunk));
  const message = `node ${command.node}: heartbeat ${command.seq}, late or of another life, changed something`;
  return failed([[isOfThisLife || isUntouched(before, step), "N1", message]]);
}

/** J2: a job that got `reserved` holds one of the node's places. */
function capacityViolations(command: Command, { state, reply }: PartitionStep): readonly Broken[] {
  if (command.kind !== "reserve_job" || reply.kind !== "reserved") return [];
  const { node, job } = command;
  const jobs = jobsOf(state, node);
  const maxJobs = state.nodes.get(node)?.maxJobs ?? 0;
  return failed([
    [jobs.size <= maxJobs, "J2", `node ${node}: ${jobs.size} jobs after reserving ${job}, allowed ${maxJobs}`],
    [jobs.has(job), "J2", `node ${node}: ${job} reserved, but not among its jobs`],
  ]);
}

/** J3: a place is given only where no job that was finished since it was first asked for has been forgotten; and each completion is counted. */
function finishedViolations(before: Partition, command: Command, { changes, reply, state }: PartitionStep) {
  if (command.kind !== "reserve_job" && command.kind !== "complete_job") return [];
  const { node } = command;
  const [held, left] = [before.nodes.get(node)?.finished ?? 0, state.nodes.get(node)?.finished ?? 0];
  const counted = held + Number(command.kind === "complete_job" && changes.length > 0);
  const forgotten = held - doneOf(before, node).size;
  const isLate = command.kind === "reserve_job" && reply.kind === "reserved" && command.seen < forgotten;
  return failed([
    [left === counted || !state.nodes.has(node), "J3", `node ${node}: ${left} jobs finished, allowed ${counted}`],
    [!isLate, "J3", `node ${node}: a reserve from before ${forgotten} jobs were forgotten was taken`],
  ]);
}

/** O1: what jobs have lost is kept, and nothing that was kept goes but what was acknowledged, or is too old. */
function orphanViolations(before: Partition, command: Command, { changes, state }: PartitionStep): readonly Broken[] {
  const lost = changes.flatMap((change) =>
    "orphaned" in change ? change.orphaned : "jobs" in change ? change.jobs : [],
  );
  const kept = state.orphans.flatMap(({ jobs }) => jobs);
  const gone = before.orphans.filter((loss) => !state.orphans.includes(loss));
  const isAllowed = ({ order }: KeptLoss): boolean =>
    (command.kind === "ack_orphans" && command.losses.some((loss) => loss.order === order)) ||
    order <= (state.orphans.at(-1)?.order ?? 0) - command.feedMax;
  return failed([
    [lost.slice(-command.feedMax).every((job) => kept.includes(job)), "O1", `lost and not kept: ${lost.join(" ")}`],
    [gone.every(isAllowed), "O1", `not kept any longer: ${gone.map(({ version }) => version.sequence).join(" ")}`],
    [
      lost.length === 0 || kept.length - (state.orphans[0]?.jobs.length ?? 0) < command.feedMax,
      "O1",
      `${kept.length} lost jobs kept`,
    ],
  ]);
}

/** All but the log is as it was, and there is nothing to tell. An epoch may have begun: every script does that first. */
function isUntouched(before: Partition, { state, changes }: PartitionStep): boolean {
  return (
    changes.length === 0 &&
    equal(before.nodes, state.nodes) &&
    equal(before.jobs, state.jobs) &&
    equal(before.done, state.done) &&
    equal(before.orphans, state.orphans)
  );
}
