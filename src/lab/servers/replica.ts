/** Replicas: of a redis-server, or of one behind a proxy, so that the link between them can be cut. */

import { LabError } from "../error.ts";
import type { Lab } from "../lab.ts";
import { loopback } from "../process/port.ts";
import { waitFor } from "../process/wait.ts";
import type { RedisServer } from "./redis.ts";
import { askRedis } from "./redis-wire.ts";

export interface ReplicaOptions {
  /** The primary's port, or that of a proxy in front of it. */
  readonly of: number;
  readonly args?: readonly string[];
}

const syncTimeout = 20_000;
const askTimeout = 5_000;
/** More than the second between two acknowledgements. */
const feedTimeout = 3_000;

/**
 * Starts a replica and waits until it holds what the primary holds, without the usual delay of 5 s before a sync. It becomes a replica by a command, not
 * by its configuration: once it has been promoted, a restart must not make it a replica again.
 * @throws LabError when it is not in sync within 20 s
 */
export async function startReplica(lab: Lab, { of, args = [] }: ReplicaOptions): Promise<RedisServer> {
  const replica = await lab.redis({ args });
  await replica.execute("REPLICAOF", loopback, String(of));
  await waitUntilInSync(replica);
  return replica;
}

/** Whether both report the link. @returns the port of the primary, or of the proxy in front of it */
async function linkedTo(replica: RedisServer): Promise<number | undefined> {
  const info = await replica.ask("INFO", "replication");
  const primaryPort = Number(/^master_port:(\d+)/m.exec(info)?.[1]);
  if (!info.includes("master_link_status:up") || Number.isNaN(primaryPort)) return undefined;
  const primary = await askRedis(primaryPort, ["INFO", "replication"], askTimeout);
  return primary.includes(`port=${replica.port},state=online`) ? primaryPort : undefined;
}

/**
 * A primary sends writes only once the replica has acknowledged its sync, and may miss the first acknowledgement; the next one comes a second later.
 * Until then a replica that both report as linked gets nothing. So a message, which changes no data, is sent along the link and awaited.
 */
async function isFed(replica: RedisServer): Promise<true | undefined> {
  const primaryPort = await linkedTo(replica);
  if (primaryPort === undefined) return undefined;
  await askRedis(primaryPort, ["PUBLISH", "lockproof:in-sync", ""], askTimeout);
  const sent = offsetIn("master_repl_offset", await askRedis(primaryPort, ["INFO", "replication"], askTimeout));
  const arrived = async () =>
    offsetIn("slave_repl_offset", await replica.ask("INFO", "replication")) >= sent ? true : undefined;
  return waitFor(arrived, { timeout: feedTimeout, interval: 5 });
}

function offsetIn(name: string, info: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? Number.NaN);
}

export async function waitUntilInSync(replica: RedisServer): Promise<void> {
  const isInSync = await waitFor(() => isFed(replica), { timeout: syncTimeout, interval: 5 });
  if (isInSync === true) return;
  throw new LabError({
    found: `a replica that is not in sync within ${syncTimeout} ms`,
    allowed: "a link to its primary",
    where: `redis-server on ${loopback}:${replica.port}`,
    fix: "See that its primary runs, and that no toxic holds the link.",
  });
}
