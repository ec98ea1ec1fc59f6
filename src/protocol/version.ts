/** A moment of a partition, or of the configuration, which is followed like one. */

export interface Version {
  readonly epoch: string;
  readonly sequence: number;
}

/** A partition of nodes by its number, or the configuration. */
export type PartitionTag = number | "cfg";
