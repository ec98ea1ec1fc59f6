/** Faults of a server's process: it is stopped, killed and restarted, or restarted with so much data that it loads for a while. */
import type { Millis } from "../../check/history.ts";
import { isStopped } from "../../lab/process/process.ts";
import type { RedisServer } from "../../lab/servers/redis.ts";
import type { World } from "../world.ts";
import { replies, untilReplies } from "./server-replies.ts";
import type { Acts } from "./server-span.ts";
import { noEffect } from "./step.ts";

export function stopped({ servers }: World): Acts {
  const server = servers.primary;
  return {
    cutsOff: true,
    isInForce: async () => isStopped(server.pid),
    begin: () => server.pause(),
    async end() {
      server.resume();
      await untilReplies(server, /^\+PONG/, "PING");
    },
  };
}

export function restarted(world: World, data: "kept" | "lost"): Acts {
  const { observer, servers } = world;
  const server = servers.primary;
  const keepData = data === "kept";
  const formerPid = server.pid;
  return {
    cutsOff: true,
    async begin() {
      await observer.quiesce(server);
      await partFromReplica(world, server);
      // To keep its data a server has to save it and end; the restart does both.
      if (!keepData) await server.kill();
    },
    async end() {
      await server.restart({ keepData });
      await admitReplica(world, server);
      return server.pid === formerPid ? noEffect : undefined;
    },
  };
}

export function loading(world: World, lasts: Millis): Acts {
  const { observer, servers } = world;
  const server = servers.primary;
  return {
    cutsOff: true,
    isInForce: () => replies(server, /^-LOADING/, "PING"),
    async begin() {
      await server.padForLoading(lasts);
      await observer.quiesce(server);
      await partFromReplica(world, server);
      await server.restartLoading();
    },
    async end() {
      await server.endLoading();
      await admitReplica(world, server);
    },
  };
}

/**
 * A restarted server takes a new replication id, hence new epochs, and another one when its first replica connects. The replica is kept away until
 * the observer has looked: otherwise what was written in the epochs between would be unknown.
 */
async function partFromReplica({ servers }: World, server: RedisServer): Promise<void> {
  if (servers.kind !== "single") await servers.wayTo(server).setEnabled(false);
}

async function admitReplica({ observer, servers }: World, server: RedisServer): Promise<void> {
  if (servers.kind === "single") return;
  const replica = servers.replicaOf(server);
  await observer.quiesce(server);
  await servers.wayTo(server).setEnabled(true);
  await untilReplies(replica, /master_link_status:up\r\n/u, "INFO", "replication");
  await observer.release(server);
}
