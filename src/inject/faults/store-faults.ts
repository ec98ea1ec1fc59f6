/** What is done to the keys of a store: all of them are lost, the newest entry of a feed is, or one holds what is not ours. */
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import type { RedisServer } from "../../lab/servers/redis.ts";
import { keyspace } from "../../redis/scripts/keys.ts";
import type { Acts } from "./server-span.ts";
import { notSeen, type Placed } from "./step.ts";

export async function says(server: RedisServer, wanted: RegExp, ...command: readonly string[]): Promise<boolean> {
  return wanted.test(await server.ask(...command).catch(() => ""));
}

/** Nothing is written between the last look and the loss: the server runs the two commands one right after the other. */
export async function flushAll({ world }: Placed<Fault>): Promise<unknown> {
  const { observer, servers } = world;
  await observer.quiesce(servers.primary);
  const [, , keys] = await observer.commands(servers.primary, ["CLIENT", "UNPAUSE"], ["FLUSHALL"], ["DBSIZE"]);
  return Number(keys) === 0 ? undefined : notSeen;
}

export async function hasEpochs(placed: Placed<Fault>): Promise<true | undefined> {
  for (const space of spacesOf(placed)) {
    if ((await placed.world.servers.primary.ask("EXISTS", space.meta)) !== ":1") return undefined;
  }
  return true;
}

/** An entry that is gone from a feed, by its id. */
export interface Deleted {
  readonly feed: string;
  readonly id: string;
}

/** The observer has read what is deleted: the record of the run has no hole. */
export async function deleteNewest(
  placed: Placed<Fault>,
): Promise<{ readonly are: readonly Deleted[]; readonly gone: number }> {
  const { observer, servers } = placed.world;
  const server = servers.primary;
  await observer.quiesce(server);
  const deleted = await newestOf(placed);
  const deletions = deleted.map(({ feed, id }): [string, ...string[]] => ["XDEL", feed, id]);
  const [, ...counts] = await observer.commands(server, ["CLIENT", "UNPAUSE"], ...deletions);
  return { are: deleted, gone: counts.reduce((sum: number, count) => sum + Number(count), 0) };
}

/** Of the feeds that have an entry. */
export async function newestOf(placed: Placed<Fault>): Promise<readonly Deleted[]> {
  const newest = await Promise.all(
    spacesOf(placed).map(async ({ feed }) => ({ feed, id: await newestIn(placed, feed) })),
  );
  return newest.flatMap(({ feed, id }) => (id === null ? [] : [{ feed, id }]));
}

async function newestIn({ world }: Placed<Fault>, feed: string): Promise<string | null> {
  const { observer, servers } = world;
  const found = await observer.command(servers.primary, "XREVRANGE", feed, "+", "-", "COUNT", "1");
  const [, id = null] = /^(\d+-0)/u.exec(String(found)) ?? []; // its id, then its fields
  return id;
}

/** What is missing is between two entries now, and no longer behind the last one. */
export async function hasNewer(placed: Placed<Fault>, deleted: readonly Deleted[]): Promise<true | undefined> {
  for (const { feed, id } of deleted) {
    const newest = await newestIn(placed, feed);
    if (newest === null || Number.parseInt(newest, 10) <= Number.parseInt(id, 10)) return undefined;
  }
  return true;
}

export function spacesOf({ world }: Placed<Fault>) {
  const { primary } = world.servers;
  return world.servers.partitionsOf(primary).map((partition) => keyspace(world.prefix, `p${partition}`));
}

/** The key is put aside under a name in its own slot, and put back at the end, whatever has become of the other. */
export function wrongType(placed: Placed<Fault>, key: "meta" | "expiry" | "feed"): Acts {
  const { observer, servers } = placed.world;
  const server = servers.primary;
  const partitions = servers.partitionsOf(server);
  // What the observer reads cannot be read, nor can anything be written without it.
  const hidden = key === "expiry" ? [] : partitions;
  const names = spacesOf(placed).map((space) => ({ own: space[key], aside: `${space[key]}:aside` }));
  return {
    cutsOff: false,
    isInForce: () => says(server, /^\+string/, "TYPE", names[0]?.own ?? ""),
    async begin() {
      await observer.quiesce(server);
      await observer.hide(hidden);
      await observer.commands(
        server,
        ["CLIENT", "UNPAUSE"],
        ...names.flatMap(({ own, aside }): [string, ...string[]][] => [
          ["RENAME", own, aside],
          ["SET", own, "not ours"],
        ]),
      );
    },
    async end() {
      await observer.commands(server, ...names.map(({ own, aside }): [string, ...string[]] => ["RENAME", aside, own]));
      await observer.show(hidden);
    },
  };
}
