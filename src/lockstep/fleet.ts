/** The real servers in the place of the simulated ones, as the mirror wants them: one after another (lone-servers.ts), or a Cluster (cluster-nodes.ts). */
import type { Target } from "../conform/plan/world.ts";
import type { Data } from "../simulate/servers/server-state.ts";

/** There is no real thing for what happened, named by the kinds of faults: the run ends as not drivable, which is neither agreement nor a difference. */
export class NotDrivable extends Error {
  override readonly name = "NotDrivable";
}

/** All of it throws NotDrivable where no real server can do the same. */
export interface Fleet {
  /** Those that have begun and not ended. */
  readonly servers: readonly number[];
  /** It reads its data, and nothing can have changed since that began: looking at them would end it. */
  isLoading(server: number): boolean;
  /** Where a command about this goes; to a server that answers. */
  urlOf(server: number, target: Target): string;
  /** What each of the processes that a server is made of answers, whatever of it is on its way. */
  everywhere(server: number, command: readonly string[]): readonly unknown[];
  /** What a server answers that is reading its data. */
  askLoading(server: number, command: readonly string[]): unknown;
  /** What a Cluster's client is answered about a partition whose keys are on their way. */
  askMoving(server: number, partition: number, command: readonly string[]): unknown;
  began(server: number, data: Data): void;
  copied(server: number, data: Data): void;
  ended(server: number): void;
  emptied(server: number): void;
  scriptsFlushed(server: number): void;
  /** All keys of a partition have arrived on another node. */
  moved(server: number, partition: number): void;
  /** Another run begins: nothing is left of the last one. */
  reset(): void;
}

export function isEmpty({ config, partitions }: Data): boolean {
  return config.meta === null && partitions.every(({ meta }) => meta === null);
}
