/** How the partitions of a simulated store are spread over its servers. */
import type { PartitionTag } from "../../protocol/version.ts";

interface Spread {
  readonly partitions: number;
  readonly shards: number;
}

/** By server. The configuration is on the first. */
export function shardGroups({ partitions, shards }: Spread): readonly (readonly PartitionTag[])[] {
  const groups = Array.from({ length: Math.min(shards, partitions) }, (): PartitionTag[] => []);
  for (let partition = 0; partition < partitions; partition += 1) groups[partition % groups.length]?.push(partition);
  groups[0]?.push("cfg");
  return groups;
}

/** The names of the servers, as the port gives them; undefined: there is one. */
export function shardNames(spread: Spread): readonly string[] | undefined {
  const groups = shardGroups(spread);
  if (groups.length === 1) return undefined;
  const tags: readonly PartitionTag[] = [
    ...Array.from({ length: spread.partitions }, (_, partition) => partition),
    "cfg",
  ];
  return tags.map((tag) => `shard ${groups.findIndex((group) => group.includes(tag))}`);
}
