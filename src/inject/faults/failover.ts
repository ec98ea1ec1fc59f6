/** Another server takes over: after a failover that loses writes, or while some instances still use the former primary. */
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { loopback } from "../../lab/process/port.ts";
import { waitFor } from "../../lab/process/wait.ts";
import type { RedisServer } from "../../lab/servers/redis.ts";
import type { World } from "../world.ts";
import { serverSpan } from "./server-span.ts";
import { allLinkPlaces, noEffect, type Placed, type Step, serverPlace } from "./step.ts";

type Failover = Extract<Fault, { readonly kind: "redis_failover" }>;
type SplitBrain = Extract<Fault, { readonly kind: "redis_split_brain" }>;

/** A failover by Sentinels takes a second or two. */
const promotedWithin = { timeout: 15_000, interval: 5 };
/** An election in a Cluster takes tens of milliseconds. */
const electedWithin = { timeout: 300, interval: 5 };

/** In force from the loss of the link between primary and replica until all clients are routed to the new primary. */
export function failoverSteps(placed: Placed<Failover>): readonly Step[] {
  const { world } = placed;
  return serverSpan(placed, [serverPlace, ...allLinkPlaces(world)], () => ({
    cutsOff: false,
    begin: () => cut(world, world.servers.primary),
    end: () => failOver(world),
  }));
}

const cutName = "cut";

/** Drops everything that the primary sends to its replicas. */
async function cut({ servers }: World, primary: RedisServer): Promise<void> {
  await servers
    .wayTo(primary)
    .addToxic({ name: cutName, stream: "downstream", type: "timeout", attributes: { timeout: 0 } });
}

/** Both servers hold back writes meanwhile, so the observer sees all that the former primary held and what the new one begins with. */
async function failOver(world: World): Promise<unknown> {
  const { observer, servers } = world;
  const former = servers.primary;
  const next = servers.replicaOf(former);
  const partitions = servers.partitionsOf(former);
  await observer.hold(next);
  await observer.quiesce(former);
  const isBehind = (await offsetOf(next)) < (await offsetOf(former));
  await observer.hide(partitions);
  await promote(world, next);
  servers.exchange(former);
  await observer.show(partitions);
  await observer.release(next);
  await demote(world, former, next);
  await routeTo(world, next, () => true);
  return isBehind ? undefined : noEffect;
}

/** The server's offset in the replication stream, in bytes. */
async function offsetOf(server: RedisServer): Promise<number> {
  const text = await info(server);
  const name = text.includes("role:slave\r\n") ? "slave_repl_offset" : "master_repl_offset";
  return Number(new RegExp(`${name}:(\\d+)`, "u").exec(text)?.[1] ?? Number.NaN);
}

async function promote({ servers }: World, next: RedisServer): Promise<void> {
  switch (servers.kind) {
    case "sentinel":
      await servers.sentinels[0]?.execute("SENTINEL", "FAILOVER", servers.name);
      break;
    case "cluster":
      await next.execute("CLUSTER", "FAILOVER", "FORCE");
      // A replica asks for votes once; if it gets too few, the next election begins only several node timeouts later.
      if (!(await hasRole(next, "master", electedWithin))) await next.execute("CLUSTER", "FAILOVER", "TAKEOVER");
      break;
    default:
      await next.execute("REPLICAOF", "NO", "ONE");
  }
  await untilRole(next, "master");
}

/** Has the former primary follow the new one and disconnect its clients; in a Cluster it does so by itself. */
async function demote({ observer, servers }: World, former: RedisServer, next: RedisServer): Promise<void> {
  if (servers.kind !== "cluster") {
    await former.execute("REPLICAOF", loopback, String(servers.wayTo(next).listenPort));
    await former.ask("CLIENT", "KILL", "TYPE", "normal");
    await former.ask("CLIENT", "KILL", "TYPE", "pubsub");
  }
  await untilRole(former, "slave");
  if (servers.kind === "sentinel") await untilNamed(servers, next);
  await servers.wayTo(former).removeToxic(cutName);
  await observer.release(former);
}

type Role = "master" | "slave";

async function hasRole(server: RedisServer, role: Role, within: typeof promotedWithin): Promise<boolean> {
  const look = async (): Promise<true | undefined> =>
    (await info(server)).includes(`role:${role}\r\n`) ? true : undefined;
  return (await waitFor(look, within)) === true;
}

async function untilRole(server: RedisServer, role: Role): Promise<void> {
  if (await hasRole(server, role, promotedWithin)) return;
  throw new Error(`the redis-server on port ${server.port} was no ${role} within 15 s`);
}

/** A server that changes its role closes all connections, including ours. */
async function info(server: RedisServer): Promise<string> {
  return await server.ask("INFO", "replication").catch(() => "");
}

/** The Sentinels name the new primary to clients a while after its promotion. */
async function untilNamed({ name, sentinels }: World["servers"], next: RedisServer): Promise<void> {
  const look = async (): Promise<true | undefined> => {
    const infos = await Promise.all(sentinels.map((sentinel) => sentinel.ask("INFO", "sentinel")));
    return infos.every((info) => info.includes(`address=${loopback}:${next.port},`)) ? true : undefined;
  };
  if ((await waitFor(look, promotedWithin)) === true) return;
  throw new Error(`the Sentinels did not name the redis-server on port ${next.port} as ${name} within 15 s`);
}

/** Points the one address that clients know at another server. With Sentinels or in a Cluster clients learn the address from the servers. */
async function routeTo({ links, servers }: World, next: RedisServer, isRouted: (instance: number) => boolean) {
  if (servers.kind !== "replica") return;
  const routed = links.filter((_, instance) => isRouted(instance));
  await Promise.all(routed.flatMap(({ commands, feed }) => [commands.pointAt(next), feed.pointAt(next)]));
}

/** In force while there are two primaries. */
export function splitBrainSteps(placed: Placed<SplitBrain>): readonly Step[] {
  const { world } = placed;
  return serverSpan(placed, [serverPlace, ...allLinkPlaces(world)], () => {
    const former = world.servers.primary;
    return {
      cutsOff: false,
      async isInForce() {
        const both = [former, world.servers.primary];
        const roles = await Promise.all(both.map((each) => hasRole(each, "master", electedWithin)));
        return former !== world.servers.primary && roles.every(Boolean);
      },
      begin: () => splitFrom(placed, former),
      end: () => reunite(placed, former),
    };
  });
}

async function splitFrom({ fault, world }: Placed<SplitBrain>, former: RedisServer): Promise<void> {
  const { observer, servers } = world;
  const next = servers.replicaOf(former);
  const partitions = servers.partitionsOf(former);
  await cut(world, former);
  await observer.hold(next);
  await part(world, fault.instances, former);
  await promote(world, next);
  await observer.split(former, partitions, () => servers.exchange(former));
  await observer.show(partitions);
  await observer.release(next);
  await routeTo(world, next, (instance) => !fault.instances.includes(instance));
}

async function reunite({ fault, world }: Placed<SplitBrain>, former: RedisServer): Promise<void> {
  const { observer, servers } = world;
  const next = servers.primary;
  await observer.quiesce(former);
  await observer.join();
  servers.bus?.join();
  await demote(world, former, next);
  await routeTo(world, next, (instance) => fault.instances.includes(instance));
  if (!findServersThemselves(servers)) return;
  await eachLink(world, (_, { routes }) => {
    const lost = routes.filter(({ proxy }) => !proxy.isEnabled);
    return Promise.all(lost.map(({ proxy }) => proxy.setEnabled(true)));
  });
}

/** Whether clients ask Sentinels or Cluster nodes for the primary: these would name the one of the other side. */
function findServersThemselves({ kind }: World["servers"]): boolean {
  return kind === "sentinel" || kind === "cluster";
}

/** Instances with the former primary reach nothing else, and the others do not reach it; nor do the other nodes of a Cluster. */
async function part(world: World, withFormer: readonly number[], former: RedisServer): Promise<void> {
  const { servers } = world;
  if (!findServersThemselves(servers)) return;
  await servers.bus?.part([former]);
  await eachLink(world, (instance, link) => {
    const kept = link.routeTo(former);
    const lost = withFormer.includes(instance) ? link.routes.filter((route) => route !== kept) : [kept];
    return Promise.all(lost.map(({ proxy }) => proxy.setEnabled(false)));
  });
}

async function eachLink(
  { links }: World,
  act: (instance: number, link: World["links"][number]["commands"]) => Promise<unknown>,
): Promise<void> {
  await Promise.all(links.flatMap(({ commands, feed }, instance) => [act(instance, commands), act(instance, feed)]));
}
