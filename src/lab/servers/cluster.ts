/** A Redis Cluster on loopback, formed without redis-cli. */

import { LabError } from "../error.ts";
import type { Lab } from "../lab.ts";
import { loopback } from "../process/port.ts";
import { waitFor } from "../process/wait.ts";
import type { RedisServer } from "./redis.ts";
import { waitUntilInSync } from "./replica.ts";

export interface ClusterOptions {
  /** At least 3, or no replica can be elected after a failure. */
  readonly primaries?: number;
  readonly replicasEach?: number;
  /** Milliseconds after which a node that does not answer is considered failed. */
  readonly nodeTimeout?: number;
  /** Appended to each node's command line. */
  readonly args?: readonly string[];
  /** The ports that a node announces to the others and to clients; absent: its own. Replicas follow through `port`. */
  readonly announce?: (node: RedisServer) => Promise<Announced>;
}

/** `busPort` is for the other nodes alone. */
interface Announced {
  readonly port: number;
  readonly busPort: number;
}

export interface ClusterTopology {
  /** In the order of the slots that they serve initially. */
  readonly primaries: readonly RedisServer[];
  /** `replicas[i]` follow `primaries[i]`. */
  readonly replicas: readonly (readonly RedisServer[])[];
}

const slots = 16_384;
const formTimeout = 30_000;

/** @throws LabError when it has not formed within 30 s */
export async function startCluster(lab: Lab, options: ClusterOptions = {}): Promise<ClusterTopology> {
  const { announce, primaries: count = 3, replicasEach = 0, nodeTimeout = 500 } = options;
  const args = [
    ...["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"],
    ...["--cluster-node-timeout", String(nodeTimeout), "--repl-diskless-sync-delay", "0"],
    ...(options.args ?? []),
  ];
  const start = (): Promise<RedisServer> => lab.redis({ args });
  const primaries = await Promise.all(Array.from({ length: count }, start));
  const replicas = await Promise.all(primaries.map(() => Promise.all(Array.from({ length: replicasEach }, start))));
  const nodes = [...primaries, ...replicas.flat()];
  const reachedAt = new Map<RedisServer, readonly string[]>();
  for (const node of nodes) reachedAt.set(node, await announced(node, announce));
  await shareSlots(primaries);
  await introduce(nodes, reachedAt);
  await Promise.all(primaries.map((primary, index) => follow(primary, replicas[index] ?? [])));
  await waitForAll(nodes, "cluster_state:ok");
  await Promise.all(replicas.flat().map(waitUntilInSync));
  return { primaries, replicas };
}

/** @returns the ports at which the other nodes meet it */
async function announced(node: RedisServer, announce: ClusterOptions["announce"]): Promise<readonly string[]> {
  if (announce === undefined) return [String(node.port)];
  const { busPort, port } = await announce(node);
  await node.execute("CONFIG", "SET", "cluster-announce-port", String(port));
  await node.execute("CONFIG", "SET", "cluster-announce-bus-port", String(busPort));
  return [String(port), String(busPort)];
}

/** Each gets a different configuration epoch; otherwise the nodes spend the first seconds resolving the conflict. */
async function shareSlots(primaries: readonly RedisServer[]): Promise<void> {
  const count = primaries.length;
  for (const [index, primary] of primaries.entries()) {
    await primary.execute("CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
    const last = firstSlot(index + 1, count) - 1;
    await primary.execute("CLUSTER", "ADDSLOTSRANGE", String(firstSlot(index, count)), String(last));
  }
}

/** The first slot that primary number `index` of `count` is given. */
function firstSlot(index: number, count: number): number {
  return Math.floor((index * slots) / count);
}

/** Which of `count` primaries is given a slot when a Cluster is formed. */
export function ownerOf(slot: number, count: number): number {
  return Array.from({ length: count }, (_, index) => index).findLast((index) => firstSlot(index, count) <= slot) ?? 0;
}

async function introduce(
  nodes: readonly RedisServer[],
  reachedAt: ReadonlyMap<RedisServer, readonly string[]>,
): Promise<void> {
  const [first, ...others] = nodes;
  for (const other of others) await first?.execute("CLUSTER", "MEET", loopback, ...(reachedAt.get(other) ?? []));
  await waitForAll(nodes, `cluster_known_nodes:${nodes.length}\r\n`);
}

/** A node answers "Unknown node" until it knows the other's name from the handshake. */
async function follow(primary: RedisServer, replicas: readonly RedisServer[]): Promise<void> {
  const id = (await primary.ask("CLUSTER", "MYID")).slice(1);
  for (const replica of replicas) {
    const look = async (): Promise<true | undefined> =>
      (await replica.ask("CLUSTER", "REPLICATE", id)) === "+OK" ? true : undefined;
    if ((await waitFor(look, { timeout: formTimeout, interval: 20 })) !== true) {
      throw notFormed([replica], `a node that does not know ${loopback}:${primary.port}`);
    }
  }
}

async function waitForAll(nodes: readonly RedisServer[], line: string): Promise<void> {
  const look = async (): Promise<true | undefined> => {
    const infos = await Promise.all(nodes.map((node) => node.ask("CLUSTER", "INFO")));
    return infos.every((info) => info.includes(line)) ? true : undefined;
  };
  if ((await waitFor(look, { timeout: formTimeout, interval: 20 })) === true) return;
  throw notFormed(nodes, `no "${line.trim()}" on all nodes`);
}

function notFormed(nodes: readonly RedisServer[], found: string): LabError {
  return new LabError({
    found: `${found} within ${formTimeout} ms`,
    allowed: "a Cluster that has formed",
    where: `Cluster on ${loopback}:${nodes.map((node) => node.port).join(", ")}`,
    fix: "Look at the nodes' logs in the lab's folder.",
  });
}
