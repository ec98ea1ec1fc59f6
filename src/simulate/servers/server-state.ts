/** The data of a server and the conditions that faults put it into. */

import type { Partition } from "../../../model/partition/partition.ts";
import type { ConfigPartition } from "../../../model/partition/rules/config.ts";

export interface Data {
  readonly partitions: readonly Partition[];
  readonly config: ConfigPartition;
}

export type Condition = "standing" | "scripts_wait" | "busy" | "out_of_memory" | "readonly" | "loading";
