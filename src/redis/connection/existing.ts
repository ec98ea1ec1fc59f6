/**
 * An ioredis client that the user has already. It is never used itself: from it we take where Redis is and as whom to log in, and make
 * connections of our own. Its other options decide whether a write is queued, sent twice or waited for without end, and those
 * are not the user's to choose here; so a client with dangerous ones does no harm, and ours none to it.
 */
import { AddressError } from "../errors.ts";
import type { Address, Topology } from "./topology.ts";
import type { ServerOptions } from "./url.ts";

/** A client of this or another version of ioredis: only its options are read. */
export interface ExistingClient {
  readonly isCluster: boolean;
  readonly options: object;
  duplicate(...args: never[]): unknown;
}

type Options = Readonly<Record<string, unknown>>;

const whereAndWhom = [
  ...["host", "port", "path", "family", "db", "username", "password", "tls", "natMap", "keepAlive", "noDelay"],
  ...["sentinels", "name", "sentinelUsername", "sentinelPassword", "sentinelTLS", "enableTLSForSentinelMode"],
] as const;
const naming = ["natMap", "dnsLookup", "useSRVRecords", "resolveSrv"] as const;

export function isExistingClient(redis: unknown): redis is ExistingClient {
  if (redis === null || typeof redis !== "object") return false;
  return "isCluster" in redis && "options" in redis && "duplicate" in redis && typeof redis.duplicate === "function";
}

/** @throws AddressError for one that reads from replicas, or puts a prefix of its own before every key */
export function topologyOfClient(client: ExistingClient): Topology {
  const options: Options = { ...client.options };
  refuse(options);
  if (client.isCluster) return clusterOf(client, options);
  const server: ServerOptions = taken(options, whereAndWhom);
  const kind = Array.isArray(options["sentinels"]) && options["sentinels"].length > 0 ? "sentinel" : "single";
  return { kind, server };
}

function clusterOf(client: ExistingClient, options: Options): Topology {
  const nodeOptions: Options = { ...(options["redisOptions"] ?? {}) };
  refuse(nodeOptions);
  const nodes = "startupNodes" in client && Array.isArray(client.startupNodes) ? client.startupNodes : [];
  const known = nodes.map(addressOf).filter((address) => address !== null);
  if (known.length === 0) throw wrong("a Cluster client without startup nodes", "one that names some of its nodes");
  return { kind: "cluster", nodes: known, server: taken(nodeOptions, whereAndWhom), naming: taken(options, naming) };
}

/** ioredis takes a port, a URL or an object for a node. */
function addressOf(node: unknown): Address | null {
  if (typeof node === "number") return { host: "127.0.0.1", port: node };
  if (typeof node === "string") {
    const url = URL.canParse(node) ? new URL(node) : new URL(`redis://${node}`);
    return { host: url.hostname, port: Number(url.port || 6_379) };
  }
  if (node === null || typeof node !== "object") return null;
  const { host, port } = node as { host?: unknown; port?: unknown };
  return { host: typeof host === "string" ? host : "127.0.0.1", port: Number(port ?? 6_379) };
}

function refuse(options: Options): void {
  if (typeof options["keyPrefix"] === "string" && options["keyPrefix"] !== "") {
    throw wrong("an ioredis client with keyPrefix", "one without, and the option `prefix` instead");
  }
  if (options["role"] === "slave" || options["readOnly"] === true) {
    throw wrong("an ioredis client that talks to replicas", "one that talks to the primary");
  }
}

function taken<Name extends string>(options: Options, names: readonly Name[]): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const name of names) {
    if (options[name] !== undefined && options[name] !== null) found[name] = options[name];
  }
  return found;
}

function wrong(found: string, allowed: string): AddressError {
  return new AddressError({ where: "redis", found, allowed, fix: "see docs/embedding.md, Addresses" });
}
