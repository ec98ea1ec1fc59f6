/** Faults of the keys in a store: all of them are lost, the newest entry of each feed is deleted, or a key holds a foreign value. */
import { waitFor } from "../../lab/process/wait.ts";
import { keyspace } from "../../redis/scripts/keys.ts";
import type { World } from "../world.ts";
import { replies } from "./server-replies.ts";
import { type Acts, endsWithin } from "./server-span.ts";
import { noEffect, noTarget, untilMet } from "./step.ts";

export function flushedKeys(world: World): Acts {
  return { cutsOff: false, begin: () => flushAll(world), end: () => waitFor(() => hasEpochs(world), endsWithin) };
}

/** The server runs the two commands one right after the other, so nothing is written between the observer's last look and the loss. */
async function flushAll({ observer, servers }: World): Promise<unknown> {
  await observer.quiesce(servers.primary);
  const [, , keys] = await observer.commands(servers.primary, ["CLIENT", "UNPAUSE"], ["FLUSHALL"], ["DBSIZE"]);
  return Number(keys) === 0 ? undefined : noEffect;
}

async function hasEpochs(world: World): Promise<true | undefined> {
  for (const space of spacesOf(world)) {
    if ((await world.servers.primary.ask("EXISTS", space.meta)) !== ":1") return undefined;
  }
  return true;
}

/** An entry of a feed, by its id. */
interface EntryId {
  readonly feed: string;
  readonly id: string;
}

export function deletedEntries(world: World): Acts {
  let deleted: readonly EntryId[] = [];
  return {
    cutsOff: false,
    async begin() {
      // The server does not hold back writes meanwhile: an instance should notice nothing but the deletion.
      await untilMet(world, async () => (await newestEntries(world)).length > 0);
      const { entries, count } = await deleteNewest(world);
      deleted = entries;
      if (deleted.length === 0) return noTarget;
      return count < deleted.length ? noEffect : undefined;
    },
    end: () => waitFor(() => hasNewer(world, deleted), endsWithin),
  };
}

/** The observer has read what is deleted, so the record of the run has no hole. */
async function deleteNewest(world: World): Promise<{ readonly entries: readonly EntryId[]; readonly count: number }> {
  const { observer, servers } = world;
  const server = servers.primary;
  await observer.quiesce(server);
  const entries = await newestEntries(world);
  const deletions = entries.map(({ feed, id }): [string, ...string[]] => ["XDEL", feed, id]);
  const [, ...counts] = await observer.commands(server, ["CLIENT", "UNPAUSE"], ...deletions);
  return { entries, count: counts.reduce((sum: number, count) => sum + Number(count), 0) };
}

/** Empty feeds have none. */
async function newestEntries(world: World): Promise<readonly EntryId[]> {
  const newest = await Promise.all(
    spacesOf(world).map(async ({ feed }) => ({ feed, id: await newestIn(world, feed) })),
  );
  return newest.flatMap(({ feed, id }) => (id === null ? [] : [{ feed, id }]));
}

async function newestIn({ observer, servers }: World, feed: string): Promise<string | null> {
  const found = await observer.command(servers.primary, "XREVRANGE", feed, "+", "-", "COUNT", "1");
  const [, id = null] = /^(\d+-0)/u.exec(String(found)) ?? []; // its id, then its fields
  return id;
}

/** The deleted entry is missing between two entries now, no longer at the end. */
async function hasNewer(world: World, deleted: readonly EntryId[]): Promise<true | undefined> {
  for (const { feed, id } of deleted) {
    const newest = await newestIn(world, feed);
    if (newest === null || Number.parseInt(newest, 10) <= Number.parseInt(id, 10)) return undefined;
  }
  return true;
}

export function spacesOf({ prefix, servers }: World) {
  return servers.partitionsOf(servers.primary).map((partition) => keyspace(prefix, `p${partition}`));
}

/** The key is renamed within its slot, and restored at the end, whatever was written under its name meanwhile. */
export function wrongType(world: World, key: "meta" | "expiry" | "feed"): Acts {
  const { observer, servers } = world;
  const server = servers.primary;
  const partitions = servers.partitionsOf(server);
  // Without meta or feed the observer can read nothing, and nothing can be written.
  const hidden = key === "expiry" ? [] : partitions;
  const names = spacesOf(world).map((space) => ({ own: space[key], aside: `${space[key]}:aside` }));
  return {
    cutsOff: false,
    isInForce: () => replies(server, /^\+string/, "TYPE", names[0]?.own ?? ""),
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
