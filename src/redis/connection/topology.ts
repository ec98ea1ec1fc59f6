/**
 * Where Redis is: one server, a primary that Sentinels name, or a Cluster. How a connection behaves is not part of it: that is ours
 * (connection.ts), wherever the address came from.
 */
import type { ConnectionOptions as TlsOptions } from "node:tls";
import type { ClusterOptions } from "ioredis";
import { AddressError } from "../errors.ts";
import { type ServerOptions, serverOfUrl } from "./url.ts";

export interface Address {
  readonly host: string;
  /** 6379 by default, 26379 for a Sentinel. */
  readonly port?: number;
}

interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

export interface SentinelAddresses extends Credentials {
  readonly sentinels: readonly Address[];
  /** The Sentinels' name for the primary. */
  readonly name: string;
  readonly db?: number;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
  /** Where the Sentinels speak TLS too; `tls` is for the servers. */
  readonly sentinelTls?: TlsOptions;
  readonly natMap?: ClusterOptions["natMap"];
}

export interface ClusterAddresses extends Credentials {
  /** Some of its nodes; the others are learned from them. */
  readonly cluster: readonly Address[];
  readonly natMap?: ClusterOptions["natMap"];
}

export type Topology =
  | { readonly kind: "single" | "sentinel"; readonly server: ServerOptions }
  | {
      readonly kind: "cluster";
      readonly nodes: readonly Address[];
      readonly server: ServerOptions;
      /** How addresses are to be understood. */
      readonly naming: Pick<ClusterOptions, "natMap" | "dnsLookup" | "useSRVRecords" | "resolveSrv">;
    };

/** Where an adapter is to connect to. */
export type Place = { readonly url: string } | { readonly topology: Topology };

/** @throws AddressError */
export function placeOf(place: Place): Topology {
  return "topology" in place ? place.topology : topologyOf(place.url);
}

/** @throws AddressError */
export function topologyOf(redis: string | SentinelAddresses | ClusterAddresses, tls?: TlsOptions): Topology {
  if (typeof redis === "string") {
    const server = serverOfUrl(redis);
    return { kind: "single", server: tls === undefined ? server : { ...server, tls } };
  }
  if (redis !== null && typeof redis === "object") {
    if ("cluster" in redis) return clusterOf(redis, tls);
    if ("sentinels" in redis) return sentinelOf(redis, tls);
  }
  throw new AddressError({
    where: "redis",
    found: redis === null ? "null" : typeof redis,
    allowed: "a URL, {sentinels, name}, {cluster}, or an ioredis client",
    fix: "see docs/embedding.md, Addresses",
  });
}

function sentinelOf(given: SentinelAddresses, tls: TlsOptions | undefined): Topology {
  const { db, name, natMap, sentinelPassword, sentinelTls, sentinelUsername } = given;
  if (typeof name !== "string" || name === "")
    throw lacking("redis.name", "the primary's name", "as in `sentinel monitor`");
  const sentinels = addresses("redis.sentinels", given.sentinels, 26_379);
  const server = {
    ...{ sentinels, name, role: "master" as const },
    ...credentials(given),
    ...(db === undefined ? {} : { db }),
    ...(natMap === undefined ? {} : { natMap }),
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(sentinelTls === undefined ? {} : { sentinelTLS: sentinelTls }),
    ...(tls === undefined ? {} : { tls, enableTLSForSentinelMode: true }),
  };
  return { kind: "sentinel", server };
}

function clusterOf(given: ClusterAddresses, tls: TlsOptions | undefined): Topology {
  const { natMap } = given;
  return {
    kind: "cluster",
    nodes: addresses("redis.cluster", given.cluster, 6_379),
    server: { ...credentials(given), ...(tls === undefined ? {} : { tls }) },
    naming: natMap === undefined ? {} : { natMap },
  };
}

function credentials({ username, password }: Credentials): Credentials {
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}

function addresses(where: string, given: readonly Address[], port: number): { host: string; port: number }[] {
  if (!Array.isArray(given) || given.length === 0)
    throw lacking(where, "at least one {host, port}", "name some of them");
  return given.map((address: Address, at) => {
    const { host } = address;
    if (typeof host !== "string" || host === "")
      throw lacking(`${where}[${at}].host`, "a host", "give a name or an IP address");
    return { host, port: checkPort(`${where}[${at}].port`, address.port ?? port) };
  });
}

function checkPort(where: string, port: number): number {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new AddressError({
    where,
    found: String(port),
    allowed: "a port from 1 to 65535",
    fix: "give the server's port",
  });
}

function lacking(where: string, allowed: string, fix: string): AddressError {
  return new AddressError({ where, found: "nothing usable", allowed, fix });
}
