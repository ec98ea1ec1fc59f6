/**
 * The bus of a Cluster, led through hops of ours, one before each node: so that a part of the Cluster can be cut off from the rest. Who has
 * connected to a node is known by the first message, which begins with its sender's name. A node answers on the connection that it was asked
 * on, so who is not heard is not answered either.
 */
import type { RedisServer } from "../../lab/servers/redis.ts";
import { BusHop } from "./bus-hop.ts";

/** A node listens for the others so far above its own port, unless it is told otherwise. */
const busOffset = 10_000;

export class ClusterBus implements AsyncDisposable {
  readonly #hops = new Map<RedisServer, BusHop>();

  /** @returns the port that the node is to name for its bus */
  async open(node: RedisServer): Promise<number> {
    const hop = await BusHop.open(node.port + busOffset);
    this.#hops.set(node, hop);
    return hop.port;
  }

  /** From now on nothing passes between those on one side and all others, without a close; until `join`. */
  async part(side: readonly RedisServer[]): Promise<void> {
    const names = new Set(await Promise.all(side.map(nameOf)));
    for (const [node, hop] of this.#hops) {
      const isInside = side.includes(node);
      hop.part((sender) => names.has(sender) !== isInside);
    }
  }

  /** What was sent meanwhile is lost: its connections are closed, and the nodes connect again. */
  join(): void {
    for (const hop of this.#hops.values()) hop.join();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#hops.values()].map((hop) => hop[Symbol.asyncDispose]()));
  }
}

async function nameOf(node: RedisServer): Promise<string> {
  return (await node.ask("CLUSTER", "MYID")).slice(1);
}
