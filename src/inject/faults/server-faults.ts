/** Faults of the server itself: signals, restarts, and what Redis's own commands can do to it. */
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { isStopped } from "../../lab/process/process.ts";
import { waitFor } from "../../lab/process/wait.ts";
import type { RedisServer } from "../../lab/servers/redis.ts";
import { askRedis } from "../../lab/servers/redis-wire.ts";
import { loadScripts } from "../../redis/scripts/scripts.ts";
import type { World } from "../world.ts";
import { type Acts, serverSpan } from "./server-span.ts";
import { allLinkPlaces, metNobody, notSeen, type Placed, type Step, serverPlace, untilMet } from "./step.ts";
import {
  type Deleted,
  deleteNewest,
  flushAll,
  hasEpochs,
  hasNewer,
  newestOf,
  says,
  spacesOf,
  wrongType,
} from "./store-faults.ts";

type ServerFault = Extract<
  Fault,
  {
    readonly kind:
      | "redis_pause"
      | "redis_restart"
      | "script_flush"
      | "client_kill"
      | "client_pause"
      | "redis_busy"
      | "redis_out_of_memory"
      | "redis_readonly"
      | "redis_loading"
      | "flush_all"
      | "feed_entry_deleted"
      | "wrong_type";
  }
>;

/** What is put right by itself is waited for this long: who is to do it may be degraded. */
const soon = { deadline: 1_000, interval: 2 };
/** What a server does not hold back it answers within a few milliseconds. */
const unanswered = 30;
/** A server says that it is busy, or no longer, at once. */
const surely = { deadline: 5_000, interval: 2 };

export function serverSteps(placed: Placed<ServerFault>): readonly Step[] {
  const links = placed.fault.kind === "redis_readonly" ? allLinkPlaces(placed.world) : [];
  return serverSpan(placed, [serverPlace, ...links], () => actsOf(placed));
}

function actsOf(placed: Placed<ServerFault>): Acts {
  const { fault, world } = placed;
  const { links, observer, servers } = world;
  const server = servers.primary;
  switch (fault.kind) {
    case "redis_pause":
      return {
        cutsOff: true,
        isInForce: async () => isStopped(server.pid),
        begin: () => server.pause(),
        async end() {
          server.resume();
          await answered(server, "PING", /^\+PONG/);
        },
      };
    case "redis_restart": {
      const keepData = fault.data === "kept";
      const former = server.pid;
      return {
        cutsOff: true,
        async begin() {
          await observer.quiesce(server);
          await partFromReplica(world, server);
          // The server saves before it is killed, so with data kept the two cannot be told apart here.
          if (!keepData) await server.kill();
        },
        async end() {
          await server.restart({ keepData });
          await admitReplica(world, server);
          return server.pid === former ? notSeen : undefined;
        },
      };
    }
    case "client_pause":
      return {
        cutsOff: true,
        isInForce: () => holdsWrites(server),
        begin: () => observer.hold(server),
        end: () => observer.release(server),
      };
    case "redis_busy":
      return {
        cutsOff: true,
        isInForce: () => says(server, /^-BUSY/, "PING"),
        begin: () => keepBusy(server),
        end: () => endBusy(server),
      };
    case "redis_out_of_memory":
      return {
        cutsOff: false,
        // In a slot that the server serves: of others it would say only that they are not its own.
        isInForce: () => says(server, /^-OOM/, "SET", `${spacesOf(placed)[0]?.meta}:probe`, "1"),
        begin: () => server.tell("CONFIG", "SET", "maxmemory", "1"),
        end: () => server.tell("CONFIG", "SET", "maxmemory", "0"),
      };
    case "redis_readonly": {
      const point = (at: RedisServer) => Promise.all(links.map(({ commands }) => commands.pointAt(at)));
      return { cutsOff: false, begin: () => point(servers.replicaOf(server)), end: () => point(server) };
    }
    case "redis_loading":
      return {
        cutsOff: true,
        isInForce: () => says(server, /^-LOADING/, "PING"),
        async begin() {
          await server.padForLoading(fault.lasts);
          await observer.quiesce(server);
          await partFromReplica(world, server);
          await server.restartLoading();
        },
        async end() {
          await server.endLoading();
          await admitReplica(world, server);
        },
      };
    case "flush_all":
      return { cutsOff: false, begin: () => flushAll(placed), end: () => waitFor(() => hasEpochs(placed), soon) };
    case "feed_entry_deleted": {
      let deleted: readonly Deleted[] = [];
      return {
        cutsOff: false,
        async begin() {
          // Asked without holding back anything: an instance is to see no more of it than what is deleted.
          await untilMet(world, async () => (await newestOf(placed)).length > 0);
          const { are, gone } = await deleteNewest(placed);
          deleted = are;
          if (deleted.length === 0) return metNobody;
          return gone < deleted.length ? notSeen : undefined;
        },
        end: () => waitFor(() => hasNewer(placed, deleted), soon),
      };
    }
    case "script_flush":
      return {
        cutsOff: false,
        async begin() {
          const { sha } = loadScripts().scripts.changes_since;
          const flush = (each: RedisServer) => observer.commands(each, ["SCRIPT", "FLUSH"], ["SCRIPT", "EXISTS", sha]);
          const found = (await Promise.all(servers.data.map(flush))).map(([, exists]) => String(exists));
          return found.every((exists) => exists === "0") ? undefined : notSeen;
        },
        end: () => waitFor(async () => ((await isLoaded(world, server)) ? true : undefined), soon),
      };
    case "client_kill": {
      let killed = 0;
      const pattern = new RegExp(`^lockproof-i\\d+-(${roles[fault.link]})$`, "u");
      return {
        cutsOff: false,
        async begin() {
          const kill = async () => {
            for (const each of servers.data) killed += await killClients(each, pattern);
            return killed > 0;
          };
          if (!(await kill())) await untilMet(world, kill);
          return killed === 0 ? metNobody : undefined;
        },
        end: () => waitFor(async () => ((await clientsOf(servers.data, pattern)) >= killed ? true : undefined), soon),
      };
    }
    case "wrong_type":
      return wrongType(placed, fault.key);
  }
}

/**
 * A server that has come back takes another replication id, hence other epochs, once more when its first replica comes. So none does until the
 * observer has looked: what was written in the epochs that end then would be known to nobody.
 */
async function partFromReplica({ servers }: World, server: RedisServer): Promise<void> {
  if (servers.kind !== "single") await servers.wayTo(server).setEnabled(false);
}

async function admitReplica({ observer, servers }: World, server: RedisServer): Promise<void> {
  if (servers.kind === "single") return;
  const replica = servers.replicaOf(server);
  await observer.quiesce(server);
  await servers.wayTo(server).setEnabled(true);
  await answered(replica, "INFO replication", /master_link_status:up\r\n/u);
  await observer.release(server);
}

/** Connections are named `lockproof-i<instance>-<role>`. */
const roles = { both: "commands|subscriber", commands: "commands", feed: "subscriber" } as const;

/** @returns how many are gone: what they are answered by is not there any more */
async function killClients(server: RedisServer, pattern: RegExp): Promise<number> {
  const found = await clientIds(server, pattern);
  for (const id of found) await server.ask("CLIENT", "KILL", "ID", id);
  const left = found.length === 0 ? [] : await clientIds(server, pattern);
  return found.filter((id) => !left.includes(id)).length;
}

async function clientsOf(servers: readonly RedisServer[], pattern: RegExp): Promise<number> {
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

/** It ends by itself too, long after any run. */
const endless = "for turn = 1, 2e10 do end";

async function keepBusy(server: RedisServer): Promise<void> {
  await server.tell("CONFIG", "SET", "busy-reply-threshold", "10");
  server.ask("EVAL", endless, "0").catch(() => {}); // killed, or the connection is given up
  await answered(server, "PING", /^-BUSY/);
}

async function endBusy(server: RedisServer): Promise<void> {
  await server.ask("SCRIPT", "KILL");
  await answered(server, "PING", /^\+PONG/);
  await server.tell("CONFIG", "SET", "busy-reply-threshold", "5000");
}

/** A script that does not say that it only reads waits with the writes. */
async function holdsWrites(server: RedisServer): Promise<boolean> {
  return await askRedis(server.port, ["EVAL", "return 1", "0"], unanswered).then(
    () => false,
    () => true,
  );
}

async function answered(server: RedisServer, command: string, wanted: RegExp): Promise<void> {
  const look = async (): Promise<true | undefined> => {
    const reply = await server.ask(...command.split(" ")).catch(() => "");
    return wanted.test(reply) ? true : undefined;
  };
  if ((await waitFor(look, surely)) === true) return;
  throw new Error(`the redis-server on port ${server.port} did not answer ${command} as ${wanted.source} within 5 s`);
}

/** One that every instance calls all the time. */
async function isLoaded({ observer }: World, server: RedisServer): Promise<boolean> {
  const { sha } = loadScripts().scripts.changes_since;
  return String(await observer.command(server, "SCRIPT", "EXISTS", sha)) === "1";
}
