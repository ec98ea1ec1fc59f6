/**
 * The Feed port on a real Redis: one subscriber connection for the channels of all partitions and of the configuration.
 * A message is only a hint. What was published while there was no subscription is gone, so the follower checks versions after `connected`.
 */
import type { Redis } from "ioredis";
import type { Millis } from "../protocol/time.ts";
import type { PartitionTag } from "../protocol/version.ts";
import type { Feed, FeedListener } from "../scheduler/ports.ts";
import { type ConnectionTuning, createSubscriber } from "./connection/connection.ts";
import { connectionDefaults } from "./connection/defaults.ts";
import { type Address, type Place, placeOf } from "./connection/topology.ts";
import { keyspace } from "./scripts/keys.ts";
import { parseVersion } from "./version.ts";

export type RedisFeedOptions = Place & FeedOptions;

interface FeedOptions extends Partial<ConnectionTuning> {
  readonly prefix: string;
  readonly partitions: number;
  /** Between pings that notice a half-open connection: it is closed when one is not answered within `silence`. */
  readonly pingEvery?: Millis;
  /** In a Cluster: the nodes known now, beside those that it was declared with. */
  readonly nodes?: () => readonly Address[];
  /** The store's: it finds out when another server has become the primary, and the feed has to follow. */
  readonly onRenewed?: (listener: () => void) => void;
}

export function createRedisFeed(options: RedisFeedOptions): Feed {
  const channels = new Map<string, PartitionTag>([[keyspace(options.prefix, "cfg").feed, "cfg"]]);
  for (let partition = 0; partition < options.partitions; partition += 1) {
    channels.set(keyspace(options.prefix, `p${partition}`).feed, partition);
  }
  const tuning = { name: "feed", ...connectionDefaults, ...options };
  const client = createSubscriber(placeOf(options), tuning, options.nodes);
  let pings: NodeJS.Timeout | undefined;

  return {
    start(listener: FeedListener) {
      let subscribed = false;
      client.on("ready", () => {
        client.subscribe(...channels.keys()).then(
          () => {
            subscribed = true;
            listener.connected();
          },
          // A connection that stands and cannot subscribe is of no use. One that broke meanwhile is being made again already,
          // and to end that attempt would end the client.
          () => client.status === "ready" && client.disconnect(true),
        );
      });
      client.on("close", () => {
        if (subscribed) listener.disconnected("the connection closed");
        subscribed = false;
      });
      client.on("message", (channel: string, message: string) => {
        const partition = channels.get(channel);
        const version = parseVersion(message);
        if (partition !== undefined && version) listener.woken(partition, version);
      });
      options.onRenewed?.(() => renew(client));
      client.connect().catch(() => {}); // reconnecting goes on by itself
      pings = setInterval(() => ping(client), options.pingEvery ?? connectionDefaults.pingEvery);
    },
    async close() {
      clearInterval(pings);
      client.disconnect();
    },
  };
}

/** One that is being made reaches the new primary anyway. */
function renew(client: Redis): void {
  if (client.status === "ready") client.disconnect(true);
}

/** The answer is not read: the client closes a connection that stays silent. */
function ping(client: Redis): void {
  if (client.status === "ready") client.ping().catch(() => {});
}
