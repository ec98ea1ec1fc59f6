/** Whether a server that answers can be used as it was declared: asked each time that a connection stands. Changes nothing. */
import { Cluster, type Redis } from "ioredis";
import { lackingRights } from "../acl.ts";
import { AccessError, type Refusal, TopologyError } from "../errors.ts";
import { isDenied } from "../failure.ts";
import type { Client } from "./connection.ts";
import type { Topology } from "./topology.ts";

/** @returns null where nothing stands in the way. Rejects when the connection breaks first. */
export async function examine(client: Client, { kind }: Topology, prefix: string): Promise<Refusal | null> {
  if (!(client instanceof Cluster)) return examineOne(client, kind, prefix);
  // Rights are each node's own.
  const found = await Promise.allSettled(client.nodes("master").map((node) => lacking(node, prefix)));
  return (
    found.map((one) => (one.status === "fulfilled" ? one.value : null)).find((refusal) => refusal !== null) ?? null
  );
}

async function examineOne(client: Redis, kind: Topology["kind"], prefix: string): Promise<Refusal | null> {
  const [forbidden, unexpected] = await Promise.all([lacking(client, prefix), otherThanDeclared(client, kind)]);
  return forbidden ?? unexpected;
}

async function lacking(client: Redis, prefix: string): Promise<AccessError | null> {
  try {
    const rights = await lackingRights(client, prefix);
    if (rights.length === 0) return null;
    return new AccessError(`the Redis user lacks ${rights.join(" ")}: see docs/acl.md`, rights);
  } catch (error) {
    if (isDenied(error)) return notLetIn(error);
    throw error;
  }
}

async function otherThanDeclared(client: Redis, kind: Topology["kind"]): Promise<TopologyError | null> {
  const info = await client.info("cluster").catch((error: unknown) => {
    if (isDenied(error)) return ""; // named among the rights
    throw error;
  });
  if (!/^cluster_enabled:1\b/mu.test(info)) return null;
  return new TopologyError({
    where: "redis",
    found: "a server with cluster-enabled",
    allowed: kind === "sentinel" ? "a primary that Sentinels watch" : "a single server",
    fix: "declare it as a Cluster: redis: {cluster: [{host, port}]}",
  });
}

export function notLetIn(error: Error): AccessError {
  return new AccessError(`Redis refuses the user: ${error.message}; see docs/acl.md`);
}

export function notACluster(): TopologyError {
  const fix = "declare it by its URL, or by its Sentinels";
  return new TopologyError({
    where: "redis.cluster",
    found: "a server with cluster support disabled",
    allowed: "a node of a Cluster",
    fix,
  });
}
