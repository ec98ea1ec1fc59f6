/** A moment of a partition, or of the configuration, which is followed like one. */

export interface Version {
  readonly epoch: string;
  readonly sequence: number;
}

/** An epoch's place among those that follow one another, each of which began with what the one before had left. */
export interface Succession {
  /** From 1. */
  readonly generation: number;
  /** The epochs before it, oldest first; of many the first one and the latest. */
  readonly past: readonly string[];
}

/** A partition of nodes by its number, or the configuration. */
export type PartitionTag = number | "cfg";
