/** A page of the partition: the records asked for, and the ids to ask for next. */
import { expiryOf } from "../checks/indexes.ts";
import type { CommandOf } from "../command.ts";
import { successionOf } from "../feed.ts";
import { compareBytes } from "../order.ts";
import { type Begun, type Partition, type PartitionStep, versionOf } from "../state.ts";

export function snapshot(partition: Begun<Partition>, command: CommandOf<"snapshot">): PartitionStep {
  const next = [...expiryOf(partition).keys()]
    .sort(compareBytes)
    .filter((node) => compareBytes(node, command.after) > 0);
  return {
    state: partition,
    reply: {
      kind: "page",
      version: versionOf(partition.meta),
      records: command.records.map((node) => partition.nodes.get(node) ?? null),
      next: next.slice(0, command.limit),
      ...successionOf(partition.meta),
    },
    changes: [],
  };
}
