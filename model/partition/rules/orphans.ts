/** Losses of jobs: what is kept of them, and how that is read and acknowledged. */
import type { CommandOf } from "../command.ts";
import { type Begun, type Partition, type PartitionStep, versionOf } from "../state.ts";
import { sameVersion } from "../version.ts";

export function readOrphans(partition: Begun<Partition>, { after, limit }: CommandOf<"read_orphans">): PartitionStep {
  const losses = partition.orphans.filter(({ order }) => order > after).slice(0, limit);
  return { state: partition, reply: { kind: "orphans", version: versionOf(partition.meta), losses }, changes: [] };
}

/** A loss is known by its order and its version: the order alone is given out again once all losses are gone. */
export function ackOrphans(partition: Begun<Partition>, { losses }: CommandOf<"ack_orphans">): PartitionStep {
  const isAcknowledged = (order: number, version: { readonly epoch: number; readonly sequence: number }): boolean =>
    losses.some((loss) => loss.order === order && sameVersion(loss.version, version));
  const orphans = partition.orphans.filter(({ order, version }) => !isAcknowledged(order, version));
  const state = orphans.length === partition.orphans.length ? partition : { ...partition, orphans };
  return { state, reply: { kind: "acknowledged", version: versionOf(partition.meta) }, changes: [] };
}
