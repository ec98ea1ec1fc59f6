/** The two ways in which a script ends: it changed nothing that followers see, or it made one material change. */
import type { Call, NodeChange, NodeRecord, Reply, Version } from "./command.ts";
import { announce } from "./feed.ts";
import { type Begun, type Partition, type PartitionStep, versionOf } from "./state.ts";

type BareKind = "already" | "unknown_node" | "not_online" | "stale" | "full" | "finished" | "completed" | "unknown";

/** Nothing has changed; the reply is a word and the version. */
export function unchanged(partition: Begun<Partition>, kind: BareKind): PartitionStep {
  return { state: partition, reply: { kind, version: versionOf(partition.meta) }, changes: [] };
}

/** Nothing has changed; the reply names the node's present incarnation. */
export function withIncarnation(
  partition: Begun<Partition>,
  kind: "already" | "superseded",
  record: NodeRecord,
): PartitionStep {
  const { incarnation } = record;
  return { state: partition, reply: { kind, version: versionOf(partition.meta), incarnation }, changes: [] };
}

/** Nothing has changed; the reply has how many jobs have been finished on the node. */
export function finishedUnknown(partition: Begun<Partition>, finished: number): PartitionStep {
  const version = versionOf(partition.meta);
  return { state: partition, reply: { kind: "finished_unknown", version, finished }, changes: [] };
}

/** `partition` is the state with all of the change but its version. */
export function changed(
  partition: Begun<Partition>,
  change: NodeChange,
  { feedMax }: Call,
  reply: (version: Version) => Reply,
): PartitionStep {
  const state = announce(partition, change, feedMax);
  return { state, reply: reply(versionOf(state.meta)), changes: [change] };
}
