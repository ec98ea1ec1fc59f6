/** Faults that Redis's own commands make: writes that wait or are refused, scripts that are forgotten, clients that are disconnected. */
import { waitFor } from "../../lab/process/wait.ts";
import type { RedisServer } from "../../lab/servers/redis.ts";
import { askRedis } from "../../lab/servers/redis-wire.ts";
import { loadScripts } from "../../redis/scripts/scripts.ts";
import type { InstanceLinks } from "../network/links.ts";
import type { World } from "../world.ts";
import { replies, untilReplies } from "./server-replies.ts";
import { type Acts, endsWithin } from "./server-span.ts";
import { noEffect, noTarget, untilMet } from "./step.ts";
import { spacesOf } from "./store-faults.ts";

/** ms. A server answers within a few milliseconds what it does not hold back. */
const heldAfter = 30;

export function heldWrites({ observer, servers }: World): Acts {
  const server = servers.primary;
  return {
    cutsOff: true,
    isInForce: () => holdsWrites(server),
    begin: () => observer.hold(server),
    end: () => observer.release(server),
  };
}

/** A script that is not declared read-only waits with the writes. */
async function holdsWrites(server: RedisServer): Promise<boolean> {
  return await askRedis(server.port, ["EVAL", "return 1", "0"], heldAfter).then(
    () => false,
    () => true,
  );
}

export function busy({ servers }: World): Acts {
  const server = servers.primary;
  return {
    cutsOff: true,
    isInForce: () => replies(server, /^-BUSY/, "PING"),
    begin: () => keepBusy(server),
    end: () => endBusy(server),
  };
}

/** It ends by itself too, long after any run. */
const endlessScript = "for turn = 1, 2e10 do end";

async function keepBusy(server: RedisServer): Promise<void> {
  await server.execute("CONFIG", "SET", "busy-reply-threshold", "10");
  server.ask("EVAL", endlessScript, "0").catch(() => {}); // it is killed, or the connection is closed
  await untilReplies(server, /^-BUSY/, "PING");
}

async function endBusy(server: RedisServer): Promise<void> {
  await server.ask("SCRIPT", "KILL");
  await untilReplies(server, /^\+PONG/, "PING");
  await server.execute("CONFIG", "SET", "busy-reply-threshold", "5000");
}

export function outOfMemory(world: World): Acts {
  const server = world.servers.primary;
  return {
    cutsOff: false,
    // The key is in a slot that the server serves: for another one it would reply MOVED.
    isInForce: () => replies(server, /^-OOM/, "SET", `${spacesOf(world)[0]?.meta}:probe`, "1"),
    begin: () => server.execute("CONFIG", "SET", "maxmemory", "1"),
    end: () => server.execute("CONFIG", "SET", "maxmemory", "0"),
  };
}

/** ms. Another fault may slow the link meanwhile. */
const roleWithin = 1_000;

export function refusedWrites({ links, servers }: World): Acts {
  const server = servers.primary;
  const point = (at: RedisServer) => Promise.all(links.map(({ commands }) => commands.pointAt(at)));
  const leadsToReplica = async ({ commands }: InstanceLinks): Promise<boolean> => {
    const asked = commands.routes.map(({ proxy }) =>
      askRedis(proxy.listenPort, ["INFO", "replication"], roleWithin).catch(() => ""),
    );
    return (await Promise.all(asked)).every((info) => info.includes("role:slave\r\n"));
  };
  return {
    cutsOff: false,
    isInForce: async () => (await Promise.all(links.map(leadsToReplica))).every(Boolean),
    begin: () => point(servers.replicaOf(server)),
    end: () => point(server),
  };
}

export function flushedScripts({ observer, servers }: World): Acts {
  const server = servers.primary;
  // A script that every instance calls all the time.
  const { sha } = loadScripts().scripts.changes_since;
  const isLoaded = async (): Promise<true | undefined> =>
    String(await observer.command(server, "SCRIPT", "EXISTS", sha)) === "1" ? true : undefined;
  return {
    cutsOff: false,
    async begin() {
      const flush = (each: RedisServer) => observer.commands(each, ["SCRIPT", "FLUSH"], ["SCRIPT", "EXISTS", sha]);
      const found = (await Promise.all(servers.data.map(flush))).map(([, exists]) => String(exists));
      return found.every((exists) => exists === "0") ? undefined : noEffect;
    },
    end: () => waitFor(isLoaded, endsWithin),
  };
}

/** Connections are named `lockproof-i<instance>-<role>`. */
const roles = { both: "commands|subscriber", commands: "commands", feed: "subscriber" } as const;

export function killedClients(world: World, link: keyof typeof roles): Acts {
  const { data } = world.servers;
  const pattern = new RegExp(`^lockproof-i\\d+-(${roles[link]})$`, "u");
  let killed = 0;
  const kill = async (): Promise<boolean> => {
    for (const each of data) killed += await killClients(each, pattern);
    return killed > 0;
  };
  const areBack = async (): Promise<true | undefined> =>
    (await countClients(data, pattern)) >= killed ? true : undefined;
  return {
    cutsOff: false,
    async begin() {
      if (!(await kill())) await untilMet(world, kill);
      return killed === 0 ? noTarget : undefined;
    },
    end: () => waitFor(areBack, endsWithin),
  };
}

/** @returns how many connections are gone afterwards */
async function killClients(server: RedisServer, pattern: RegExp): Promise<number> {
  const found = await clientIds(server, pattern);
  for (const id of found) await server.ask("CLIENT", "KILL", "ID", id);
  const left = found.length === 0 ? [] : await clientIds(server, pattern);
  return found.filter((id) => !left.includes(id)).length;
}

async function countClients(servers: readonly RedisServer[], pattern: RegExp): Promise<number> {
  const found = await Promise.all(servers.map((server) => clientIds(server, pattern)));
  return found.flat().length;
}

async function clientIds(server: RedisServer, pattern: RegExp): Promise<readonly string[]> {
  const lines = (await server.ask("CLIENT", "LIST")).split("\n");
  return lines.flatMap((line) => {
    const [, id = "", name = ""] = /id=(\d+) .*? name=(\S*)/u.exec(line) ?? [];
    return pattern.test(name) ? [id] : [];
  });
}
