/** A primary with replicas, watched by Sentinels that promote a replica when the primary is gone. */

import { LabError } from "../error.ts";
import type { Lab } from "../lab.ts";
import { loopback } from "../process/port.ts";
import { waitFor } from "../process/wait.ts";
import type { RedisServer } from "./redis.ts";
import { startReplica } from "./replica.ts";

export interface SentinelOptions {
  readonly replicas?: number;
  readonly sentinels?: number;
  /** How many of them have to agree that the primary is gone; without it more than half. */
  readonly quorum?: number;
  /** Milliseconds of silence after which a Sentinel considers the primary down. */
  readonly downAfter?: number;
  /** Milliseconds; also bounds how soon a second failover may follow. */
  readonly failoverTimeout?: number;
  /** The port at which replicas follow the primary; absent: its own. */
  readonly followAt?: (primary: RedisServer) => Promise<number>;
}

export interface SentinelTopology {
  /** The name by which clients ask the Sentinels for the primary. */
  readonly name: string;
  /** The initial primary: a failover promotes another server. */
  readonly primary: RedisServer;
  readonly replicas: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
}

const name = "main";
const agreeTimeout = 20_000;

/** @throws LabError when the Sentinels do not know of each other and of all replicas within 20 s, or are too few to decide */
export async function startSentinel(lab: Lab, options: SentinelOptions = {}): Promise<SentinelTopology> {
  const { followAt, replicas = 1, sentinels = 3, downAfter = 200, failoverTimeout = 2_000 } = options;
  const quorum = options.quorum ?? Math.floor(sentinels / 2) + 1;
  const primary = await lab.redis({ args: ["--repl-diskless-sync-delay", "0"] });
  const of = (await followAt?.(primary)) ?? primary.port;
  const following = await Promise.all(
    Array.from({ length: replicas }, () => startReplica(lab, { of, args: ["--repl-diskless-sync-delay", "0"] })),
  );
  const configuration = [
    `sentinel monitor ${name} ${loopback} ${primary.port} ${quorum}`,
    `sentinel down-after-milliseconds ${name} ${downAfter}`,
    `sentinel failover-timeout ${name} ${failoverTimeout}`,
  ];
  const watching = await Promise.all(
    Array.from({ length: sentinels }, () => lab.redis({ configuration, args: ["--sentinel"] })),
  );
  const topology = { name, primary, replicas: following, sentinels: watching };
  await waitUntilAgreed(topology);
  await requireQuorum(topology);
  return topology;
}

/** The port that the Sentinels name as the primary's now. */
export async function primaryPort({ sentinels }: SentinelTopology): Promise<number | undefined> {
  for (const sentinel of sentinels.filter((each) => each.isRunning)) {
    const info = await sentinel.ask("INFO", "sentinel");
    const port = /address=[^,]*:(\d+)/.exec(info)?.[1];
    if (port !== undefined) return Number(port);
  }
  return undefined;
}

/** Too few Sentinels never promote a replica, which would show only at the first failover. */
async function requireQuorum({ sentinels }: SentinelTopology): Promise<void> {
  for (const sentinel of sentinels) {
    const reply = await sentinel.ask("SENTINEL", "CKQUORUM", name);
    if (reply.startsWith("+OK")) continue;
    throw new LabError({
      found: `"${reply}"`,
      allowed: "Sentinels enough for their quorum and for a majority",
      where: `Sentinel on ${loopback}:${sentinel.port}`,
      fix: "Start more of them, or ask for a smaller quorum.",
    });
  }
}

async function waitUntilAgreed({ replicas, sentinels }: SentinelTopology): Promise<void> {
  const knowsAll = `slaves=${replicas.length},sentinels=${sentinels.length}`;
  const look = async (): Promise<true | undefined> => {
    const known = await Promise.all(sentinels.map((sentinel) => sentinel.ask("INFO", "sentinel")));
    return known.every((info) => info.includes(knowsAll)) ? true : undefined;
  };
  if ((await waitFor(look, { timeout: agreeTimeout, interval: 20 })) === true) return;
  throw new LabError({
    found: `Sentinels that do not all know ${knowsAll} within ${agreeTimeout} ms`,
    allowed: "Sentinels that know of each other",
    where: `Sentinels on ${loopback}:${sentinels.map((sentinel) => sentinel.port).join(", ")}`,
    fix: "Look at their logs in the lab's folder.",
  });
}
