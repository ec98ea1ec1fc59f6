/** The real servers in place of the simulated ones, as the mirror drives them: single servers (single-servers.ts) or a Cluster (cluster-nodes.ts). */
import type { Target } from "../conform/plan/world.ts";
import type { Data } from "../simulate/servers/server-state.ts";

/** Thrown when no real server can do what the simulation did. The run ends as not drivable, which is neither agreement nor a difference. */
export class NotDrivable extends Error {
  override readonly name = "NotDrivable";
}

/** Every method throws NotDrivable where no real server can do the same. */
export interface Fleet {
  /** The servers that have begun and not ended. */
  readonly servers: readonly number[];
  /** Whether it is loading. Its data cannot have changed since loading began, and reading them would end the loading. */
  isLoading(server: number): boolean;
  /** The address for commands about the target; the server answers there. */
  urlOf(server: number, target: Target): string;
  /** The replies of all processes of a server, including nodes that are importing a slot. */
  everywhere(server: number, command: readonly string[]): readonly unknown[];
  /** The reply of a server that is loading. */
  askLoading(server: number, command: readonly string[]): unknown;
  /** The reply to a Cluster client about a partition that is being migrated. */
  askMoving(server: number, partition: number, command: readonly string[]): unknown;
  began(server: number, data: Data): void;
  copied(server: number, data: Data): void;
  ended(server: number): void;
  emptied(server: number): void;
  scriptsFlushed(server: number): void;
  /** All keys of a partition have arrived on another node. */
  moved(server: number, partition: number): void;
  /** Clears all state before another run. */
  reset(): void;
}

export function isEmpty({ config, partitions }: Data): boolean {
  return config.meta === null && partitions.every(({ meta }) => meta === null);
}
