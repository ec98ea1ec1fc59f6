/**
 * The bus of a Cluster through hops, one before each node, so that some nodes can be separated from the others. The first message on a connection
 * names its sender. A node answers on the connection of the request, so dropping the requests drops the answers too.
 */
import type { RedisServer } from "../../lab/servers/redis.ts";
import { BusHop } from "./bus-hop.ts";

/** The default distance of a node's bus port from its own port. */
const busOffset = 10_000;

export class ClusterBus implements AsyncDisposable {
  readonly #hops = new Map<RedisServer, BusHop>();

  /** @returns the bus port that the node has to announce */
  async open(node: RedisServer): Promise<number> {
    const hop = await BusHop.open(node.port + busOffset);
    this.#hops.set(node, hop);
    return hop.port;
  }

  /** Until `join`, nothing passes between `side` and the other nodes, and no connection is closed. */
  async part(side: readonly RedisServer[]): Promise<void> {
    const names = new Set(await Promise.all(side.map(nameOf)));
    for (const [node, hop] of this.#hops) {
      const isInside = side.includes(node);
      hop.part((sender) => names.has(sender) !== isInside);
    }
  }

  /** Connections that lost messages meanwhile are closed, and the nodes connect again. */
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
