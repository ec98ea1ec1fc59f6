/**
 * Each instance's two links to Redis, commands and feed. A link has a route to every server: through a proxy, and through a hop behind it where
 * faults choose single commands or messages. Addresses that servers announce are mapped to the same routes.
 */
import { loopback } from "../../lab/process/port.ts";
import type { RedisServer } from "../../lab/servers/redis.ts";
import type { ToxicProxy } from "../../lab/toxiproxy/proxy.ts";
import type { ToxiproxyServer } from "../../lab/toxiproxy/toxiproxy.ts";
import { type Place, topologyOf } from "../../redis/connection/topology.ts";
import { Hop, type HopEvents } from "./hop.ts";
import type { Servers } from "./servers.ts";

export type LinkName = "commands" | "feed";

/** One instance's connection path to one server. */
export interface Route {
  readonly proxy: ToxicProxy;
  readonly hop: Hop | null;
}

export class InstanceLink {
  readonly name: LinkName;
  /** Where the instance connects. */
  readonly place: Place;
  readonly #routes: ReadonlyMap<RedisServer, Route>;

  constructor(name: LinkName, place: Place, routes: ReadonlyMap<RedisServer, Route>) {
    this.name = name;
    this.place = place;
    this.#routes = routes;
  }

  /** The URL of the first route, which is the only one with a single server. */
  get url(): string {
    return this.routes[0]?.proxy.url ?? "";
  }

  get routes(): readonly Route[] {
    return [...this.#routes.values()];
  }

  get hops(): readonly Hop[] {
    return this.routes.flatMap(({ hop }) => (hop === null ? [] : [hop]));
  }

  /** The route to a server; the only route where servers do not announce addresses. */
  routeTo(server: RedisServer): Route {
    const route = this.#routes.get(server) ?? this.routes[0];
    if (route === undefined) throw new Error(`the ${this.name} link has no route`);
    return route;
  }

  /** Points the only route at another server from now on. */
  async pointAt(server: RedisServer): Promise<void> {
    const { hop, proxy } = this.routeTo(server);
    if (hop === null) await proxy.pointAt(addressOf(server.port));
    else hop.pointAt(server.port);
  }
}

export interface InstanceLinks {
  readonly commands: InstanceLink;
  readonly feed: InstanceLink;
}

/** Which links have a hop. */
export interface Hops {
  readonly commands: boolean;
  readonly feed: boolean;
}

export interface LinkOptions {
  readonly servers: Servers;
  readonly toxiproxy: ToxiproxyServer;
  readonly hops: Hops;
  /** The callbacks for an instance's link; absent: events are dropped. */
  readonly eventsOf?: (instance: number, link: LinkName) => HopEvents;
}

export async function openLinks(instances: number, options: LinkOptions): Promise<readonly InstanceLinks[]> {
  const links: InstanceLinks[] = [];
  for (let instance = 0; instance < instances; instance += 1) {
    const commands = await openLink("commands", instance, options);
    links.push({ commands, feed: await openLink("feed", instance, options) });
  }
  return links;
}

async function openLink(
  name: LinkName,
  instance: number,
  { eventsOf, hops, servers, toxiproxy }: LinkOptions,
): Promise<InstanceLink> {
  const routes = new Map<RedisServer, Route>();
  const events = eventsOf?.(instance, name);
  for (const [index, server] of reached(servers).entries()) {
    const isSentinel = servers.sentinels.includes(server);
    const hop = hops[name] && !isSentinel ? await Hop.open(server.port, servers.clock, events) : null;
    const upstream = hop?.address ?? addressOf(server.port);
    const which = isSentinel ? `sentinel-${index - servers.data.length}` : `redis-${index}`;
    const label = servers.kind === "single" || servers.kind === "replica" ? "redis" : which;
    const proxy = await toxiproxy.createProxy({ name: `i${instance}.${label}.${name}`, upstream });
    routes.set(server, { proxy, hop });
  }
  return new InstanceLink(name, placeOf(servers, routes), routes);
}

/** The servers to which clients connect. Of a primary with a replica they know one address, which is pointed at the current primary. */
function reached(servers: Servers): readonly RedisServer[] {
  switch (servers.kind) {
    case "single":
    case "replica":
      return [servers.primary];
    case "sentinel":
      return [...servers.data, ...servers.sentinels];
    case "cluster":
      return servers.data;
  }
}

function placeOf(servers: Servers, routes: ReadonlyMap<RedisServer, Route>): Place {
  const portOf = (server: RedisServer): number => routes.get(server)?.proxy.listenPort ?? server.port;
  const here = (server: RedisServer) => ({ host: loopback, port: portOf(server) });
  const natMap = Object.fromEntries(
    [...routes.keys()].map((server) => [addressOf(servers.announced(server)), here(server)]),
  );
  switch (servers.kind) {
    case "single":
    case "replica":
      return { url: `redis://${addressOf(portOf(servers.primary))}` };
    case "sentinel":
      return { topology: topologyOf({ sentinels: servers.sentinels.map(here), name: servers.name, natMap }) };
    case "cluster":
      return { topology: topologyOf({ cluster: servers.primaries.map(here), natMap }) };
  }
}

function addressOf(port: number): string {
  return `${loopback}:${port}`;
}
