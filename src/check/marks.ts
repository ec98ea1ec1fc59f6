/** Things that have to be seen for a run to prove anything; a scenario names those it is about under `sometimes`. */
import { faultWindows, overlaps } from "./fault-window.ts";
import { type Call, type HistoryEvent, ofKind } from "./history.ts";
import type { Trial } from "./judgement.ts";
import { entriesOf, epochsOf, partitionsOf } from "./observation.ts";

export const marks = [
  "answered_from_l2",
  "answered_stale",
  "degraded",
  "node_full",
  "missing_looked_up",
  "reply_lost_after_commit",
  "new_epoch",
  "registered_again",
  "node_expired",
  "late_heartbeat_refused",
  "miss_absorbed",
  "gap_found",
  "feed_trimmed",
] as const;

export type Mark = (typeof marks)[number];

/** How often each was seen. */
export function countMarks(trial: Trial): Readonly<Record<Mark, number>> {
  const { history } = trial;
  const reads = ofKind(history, "call").filter(({ op }) => op === "get_node");
  return {
    answered_from_l2: reads.filter(({ read }) => read?.source === "l2").length,
    answered_stale: reads.filter(({ read }) => read?.stale === true).length,
    degraded: ofKind(history, "mode").filter(({ from }) => from === "normal").length,
    node_full: ofKind(history, "call").filter(({ reply }) => reply === "full").length,
    missing_looked_up: reads.filter(({ read }) => read?.found === false && read.source === "redis").length,
    reply_lost_after_commit: ofKind(history, "lost_reply").filter(
      ({ reply }) => reply === "reserved" || reply === "completed",
    ).length,
    new_epoch: laterEpochs(trial),
    registered_again: registeredAgain(history),
    node_expired: entriesOf(trial.observations).filter(({ at, change }) => at >= 0 && change.kind === "expired").length,
    late_heartbeat_refused: ofKind(history, "call").filter(
      ({ op, reply }) => op === "heartbeat" && (reply === "stale" || reply === "superseded"),
    ).length,
    miss_absorbed: reads.filter(({ read }) => read?.source === "miss").length,
    gap_found: notesOf(history, "gap_found").length,
    feed_trimmed: notesOf(history, "resync_started").filter(({ facts }) => facts["reason"] === "trimmed").length,
  };
}

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

function registeredAgain(history: readonly HistoryEvent[]): number {
  return ofKind(history, "call").filter(({ op, reply }) => op === "register_node" && reply === "registered").length;
}

/** Faults during which nothing was asked: they were done to nobody. */
export function idleFaults(trial: Trial): readonly string[] {
  const calls = ofKind(trial.history, "call");
  const stored = ofKind(trial.history, "store_call");
  const isMet = (instance: number, from: number, to: number | null, window: Parameters<typeof overlaps>[0]): boolean =>
    instance === window.instance && overlaps(window, from, to ?? Number.POSITIVE_INFINITY);
  return faultWindows(trial.history, trial.instances)
    .filter(
      (window) =>
        !calls.some(({ instance, from, to }: Call) => isMet(instance, from, to, window)) &&
        !stored.some(({ instance, from, to }) => isMet(instance, from, to, window)),
    )
    .map(({ name, fault, instance }) => `${name} (faults[${fault}]) on instance ${instance}`);
}
