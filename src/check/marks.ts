/** Things that have to be seen for a run to prove anything; a scenario names those it is about under `sometimes`. */

import { CallMarks, callMarks } from "./call-marks.ts";
import { type FaultWindow, faultWindows, overlaps } from "./faults/windows.ts";
import { type HistoryEvent, ofKind, type Refused, type StoreCall } from "./history.ts";
import type { Trial } from "./judgement.ts";
import { lostWrites } from "./observed/lost-writes.ts";
import { entriesOf, epochsOf, partitionsOf } from "./observed/observation.ts";
import { gapsFound, lostRepliesOfWrites, reloadsAfterTrimming, reloadsInPages } from "./outside-marks.ts";

export const marks = [
  "answered_from_l2",
  "answered_stale",
  "degraded",
  "node_full",
  "finished_job_refused",
  "missing_looked_up",
  "reply_lost_after_commit",
  "new_epoch",
  "registered_again",
  "node_expired",
  "late_heartbeat_refused",
  "miss_absorbed",
  "gap_found",
  "feed_trimmed",
  "acknowledged_write_lost",
  "refused_by_redis",
  "epoch_left",
  "split_brain_seen",
  "ambiguous_write_resolved",
  "instance_restarted",
  "overloaded",
  "lease_ended",
  "node_forgotten",
  "several_pages",
  ...callMarks,
] as const;

export type Mark = (typeof marks)[number];

/** Those that only an instance of ours reports, that are read from keys of ours, or that answers show which a system need not have. */
export const insideMarks: ReadonlySet<Mark> = new Set<Mark>([
  ...(["gap_found", "feed_trimmed", "epoch_left", "ambiguous_write_resolved", "several_pages"] as const),
  ...(["new_epoch", "node_expired", "acknowledged_write_lost", "split_brain_seen"] as const),
  ...(["lease_ended", "node_forgotten", "miss_absorbed", "missing_looked_up", "registration_conflict"] as const),
  ...(["lowest_health_selected", "highest_health_selected"] as const),
]);

/** Those that need an instance in the harness's own process: over the line protocol no call can be given up once it is sent. */
export const hostedMarks: ReadonlySet<Mark> = new Set<Mark>(["aborted_during"]);

/** The operation without which a mark cannot be seen, where a scheduler need not have it. */
export const operationOfMark: Readonly<Partial<Record<Mark, string>>> = {
  ...{ answered_from_l2: "get_node", answered_stale: "get_node", degraded: "status" },
  // Nodes learn from the answer to a heartbeat that they have to register again.
  registered_again: "heartbeat",
  ...{ late_heartbeat_refused: "heartbeat", impossible_metric_sent: "heartbeat", long_list_named: "heartbeat" },
  ...{
    dispatched_without_pool: "select_nodes",
    dispatch_found_none: "select_nodes",
    attempts_as_asked: "select_nodes",
  },
  ...{ selected_without_pool: "select_nodes", selected_by_services: "select_nodes", selected_none: "select_nodes" },
  ...{ selected_hyphenated: "select_nodes", selected_one: "select_nodes", selected_at_most: "select_nodes" },
  ...{ lowest_health_selected: "select_nodes", highest_health_selected: "select_nodes" },
  ...{ selected_by_configuration: "put_config", searched_several_pools: "put_config" },
  ...{ configuration_stored: "put_config", tenth_configuration: "put_config" },
};

/** How often each was seen. */
export function countMarks(trial: Trial): Readonly<Record<Mark, number>> {
  const { history } = trial;
  const reads = ofKind(history, "call").filter(({ op }) => op === "get_node");
  const met = new CallMarks();
  for (const call of ofKind(history, "call")) met.add(call);
  return {
    ...met.counts,
    answered_from_l2: reads.filter(({ read }) => read?.source === "l2").length,
    answered_stale: reads.filter(({ read }) => read?.stale === true).length,
    degraded: ofKind(history, "mode").filter(({ from }) => from === "normal").length,
    node_full: ofKind(history, "call").filter(({ reply }) => reply === "full").length,
    finished_job_refused: ofKind(history, "call").filter(({ reply }) => reply === "finished").length,
    missing_looked_up: reads.filter(({ read }) => read?.found === false && read.source === "redis").length,
    reply_lost_after_commit:
      ofKind(history, "lost_reply").filter(({ reply }) => reply === "reserved" || reply === "completed").length +
      lostRepliesOfWrites(history),
    new_epoch: laterEpochs(trial),
    registered_again: registeredAgain(history),
    node_expired: entriesOf(trial.observations).filter(({ at, change }) => at >= 0 && change.kind === "expired").length,
    late_heartbeat_refused: ofKind(history, "call").filter(
      ({ op, reply }) => op === "heartbeat" && (reply === "stale" || reply === "superseded"),
    ).length,
    miss_absorbed: reads.filter(({ read }) => read?.source === "miss").length,
    gap_found: notesOf(history, "gap_found").length + gapsFound(trial),
    feed_trimmed:
      notesOf(history, "resync_started").filter(({ facts }) => facts["reason"] === "trimmed").length +
      reloadsAfterTrimming(trial),
    acknowledged_write_lost: lostWrites(trial),
    refused_by_redis:
      ofKind(history, "call").filter(({ outcome, reply }) => outcome !== "ok" && refusals.has(reply)).length +
      ofKind(history, "refused").length,
    epoch_left: notesOf(history, "epoch_left").length,
    split_brain_seen: writesToThePast(trial),
    ambiguous_write_resolved: notesOf(history, "ambiguity_resolved").length,
    instance_restarted: ofKind(history, "fault").filter(
      ({ name, step }) => name === "instance_crash" && step === "heal",
    ).length,
    overloaded: ofKind(history, "call").filter(({ reply }) => reply === "overloaded").length,
    lease_ended: entriesOf(trial.observations).filter(({ at, change }) => at >= 0 && change.kind === "lapsed").length,
    node_forgotten: entriesOf(trial.observations).filter(({ at, change }) => at >= 0 && change.kind === "removed")
      .length,
    several_pages:
      notesOf(history, "resynced").filter(({ facts }) => Number(facts["pages"]) > 1).length + reloadsInPages(trial),
  };
}

/** Answers of a Redis that is there and does not do it. */
const refusals: ReadonlySet<string> = new Set(["busy", "loading", "out_of_memory", "readonly", "wrong_type"]);

function notesOf(history: readonly HistoryEvent[], wanted: string) {
  return ofKind(history, "note").filter(({ what }) => what === wanted);
}

/** Beyond the first of each partition. */
function laterEpochs({ observations }: Trial): number {
  return partitionsOf(observations).reduce(
    (sum, partition) => sum + Math.max(0, epochsOf(observations, partition).length - 1),
    0,
  );
}

/** Writes that were made and answered in one epoch after another server had begun a later one. */
function writesToThePast({ history, observations }: Trial): number {
  const replacedAt = new Map<string, number>();
  for (const partition of partitionsOf(observations)) {
    const seen = new Set<string>();
    let last: string | null = null;
    for (const one of observations) {
      const epoch = one.kind === "entry" ? one.epoch : one.version?.epoch;
      if (one.partition !== partition || epoch === undefined || seen.has(epoch)) continue;
      seen.add(epoch);
      if (last !== null) replacedAt.set(last, one.at);
      last = epoch;
    }
  }
  return ofKind(history, "call").filter(
    ({ from, outcome, version }) =>
      outcome === "ok" && version !== undefined && from > (replacedAt.get(version.epoch) ?? Number.POSITIVE_INFINITY),
  ).length;
}

/** Every node registers once before the load begins. */
function registeredAgain(history: readonly HistoryEvent[]): number {
  return ofKind(history, "call").filter(
    ({ from, op, reply }) => from >= 0 && op === "register_node" && reply === "registered",
  ).length;
}

/** Faults without an effect: nothing was asked meanwhile, or no call met what they are about. */
export function idleFaults(trial: Trial): readonly string[] {
  const windows = faultWindows(trial.history, trial.instances);
  const isAsked = askedDuring(trial);
  const unasked = windows
    .filter((window) => !isAsked(window))
    .map(({ name, fault, instance }) => `${name} (faults[${fault}]) on instance ${instance}`);
  const unfelt = [...Map.groupBy(windows, ({ fault }) => fault)].flatMap(([fault, own]) => {
    const name = own[0]?.name ?? "";
    return own.some((window) => isFelt(window, trial.history)) ? [] : [`${name} (faults[${fault}]): no call met it`];
  });
  return [...unasked, ...unfelt];
}

/** Faults, by their places in the list, that were in force as declared and that somebody met: a call was in flight, and met what the fault is about. */
export function metFaults(trial: Trial): ReadonlySet<number> {
  const isAsked = askedDuring(trial);
  const met = faultWindows(trial.history, trial.instances).filter(
    (window) => window.lack === null && isAsked(window) && isFelt(window, trial.history),
  );
  return new Set(met.map(({ fault }) => fault));
}

/** An instance that is stopped begins no call meanwhile. It was in use if it had calls at most so long before and so long after. */
const inUse = 100;

/** Whether the instance was in use while the fault was in force for it: a call was in flight, or was kept from it by the fault. */
function askedDuring({ history }: Trial): (window: FaultWindow) => boolean {
  const calls = [...ofKind(history, "call"), ...ofKind(history, "store_call")];
  return (window) => {
    const { asked, healed, instance, name } = window;
    const own = calls.filter((call) => call.instance === instance);
    if (own.some(({ from, to }) => overlaps(window, from, to ?? Number.POSITIVE_INFINITY))) return true;
    if (name !== "instance_pause") return false;
    const isBefore = own.some(({ to }) => to !== null && to <= asked && to >= asked - inUse);
    return isBefore && own.some(({ from }) => from >= healed && from <= healed + inUse);
  };
}

/** How a call ends that meets a Redis which refuses. */
export const refusalOf: Readonly<Record<string, string>> = {
  redis_busy: "busy",
  redis_out_of_memory: "out_of_memory",
  redis_readonly: "readonly",
  redis_loading: "loading",
  wrong_type: "wrong_type",
};

/** Whether Redis refused a call of an instance for this cause: as its store says, or as a hop saw. */
export function isRefusal(event: HistoryEvent, cause: string): event is StoreCall | Refused {
  return (
    (event.kind === "store_call" && event.outcome === cause) || (event.kind === "refused" && event.cause === cause)
  );
}

/** Whether the instance met what the fault is about, where calls in flight alone do not say so. */
function isFelt(window: FaultWindow, history: readonly HistoryEvent[]): boolean {
  const refusal = refusalOf[window.name];
  if (refusal !== undefined) {
    return history.some((event) => {
      if (!isRefusal(event, refusal) || event.instance !== window.instance) return false;
      return event.kind === "refused" ? overlaps(window, event.at, event.at) : overlaps(window, event.from, event.to);
    });
  }
  if (window.name !== "redis_slow_close") return true;
  // It delays a close, so there has to be one.
  return [...notesOf(history, "feed_disconnected"), ...ofKind(history, "closed")].some(
    ({ at, instance }) => instance === window.instance && at > window.from && at < window.healed,
  );
}
