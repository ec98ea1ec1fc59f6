/** A Cluster moves one partition to another primary, key by key, while it is used. */
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import type { Millis } from "../../check/history.ts";
import { loopback } from "../../lab/process/port.ts";
import type { RedisServer } from "../../lab/servers/redis.ts";
import { keyspace } from "../../redis/scripts/keys.ts";
import { slotOf } from "../network/servers.ts";
import type { World } from "../world.ts";
import { replies } from "./server-replies.ts";
import { serverSpan } from "./server-span.ts";
import { type Placed, type Step, serverPlace } from "./step.ts";

type Migration = Extract<Fault, { readonly kind: "slot_migration" }>;

/** One slot that is being migrated. */
interface Move {
  readonly slot: string;
  readonly source: RedisServer;
  readonly target: RedisServer;
  readonly sourceId: string;
  readonly targetId: string;
}

export function migrationSteps(placed: Placed<Migration>): readonly Step[] {
  const { fault, world } = placed;
  let move: Move | null = null;
  let moving: Promise<Move> | null = null;
  return serverSpan(placed, [serverPlace], () => ({
    cutsOff: false,
    isInForce: async () => move !== null && (await isMigrating(move)),
    async begin() {
      const begun = await begin(placed);
      move = begun;
      // The keys are moved one by one, until the fault ends.
      moving = moveKeys(world, begun, fault.lasts).then(() => begun);
      moving.catch(() => {}); // awaited at the end
    },
    async end() {
      if (moving !== null) await finish(placed, await moving);
    },
  }));
}

/** Starts the migration and moves the meta key first: without it no script can write on the source. */
async function begin({ fault, world }: Placed<Migration>): Promise<Move> {
  const { observer, servers } = world;
  const source = servers.primaryOf(fault.partition);
  const target = servers.primaries.find((each) => each !== source) ?? source;
  const { meta } = keyspace(world.prefix, `p${fault.partition}`);
  const slot = String(await slotOf(source, meta));
  const targetId = (await target.ask("CLUSTER", "MYID")).slice(1);
  const sourceId = (await source.ask("CLUSTER", "MYID")).slice(1);
  await target.execute("CLUSTER", "SETSLOT", slot, "IMPORTING", sourceId);
  await observer.quiesce(source);
  await observer.hide([fault.partition]);
  await observer.commands(
    source,
    ["CLUSTER", "SETSLOT", slot, "MIGRATING", targetId],
    ["CLIENT", "UNPAUSE"],
    migrate(meta, target),
  );
  return { slot, source, target, sourceId, targetId };
}

/** Whether both nodes say that the slot is on its way from the one to the other. */
async function isMigrating({ slot, source, sourceId, target, targetId }: Move): Promise<boolean> {
  const [leaving, arriving] = [
    new RegExp(`\\[${slot}->-${targetId}\\]`, "u"),
    new RegExp(`\\[${slot}-<-${sourceId}\\]`, "u"),
  ];
  const shown = [replies(source, leaving, "CLUSTER", "NODES"), replies(target, arriving, "CLUSTER", "NODES")];
  return (await Promise.all(shown)).every(Boolean);
}

function migrate(key: string, target: RedisServer): [string, ...string[]] {
  return ["MIGRATE", loopback, String(target.port), key, "0", "5000"];
}

/** Spread evenly over `time`. Keys that are created meanwhile are moved at the end. */
async function moveKeys({ observer }: World, { slot, source, target }: Move, time: Millis): Promise<void> {
  const keys = await observer.command(source, "CLUSTER", "GETKEYSINSLOT", slot, mostKeys);
  if (!Array.isArray(keys)) return;
  const pause = Math.max(0, time / (keys.length + 1));
  for (const key of keys) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    await source.ask(...migrate(String(key), target));
  }
}

async function finish({ fault, world }: Placed<Migration>, move: Move): Promise<void> {
  const { observer, servers } = world;
  const { slot, source, target, targetId } = move;
  await moveKeys(world, move, 0);
  // The new owner first, so that the slot has an owner at every moment.
  const others = servers.primaries.filter((each) => each !== source && each !== target);
  for (const each of [target, source, ...others]) await each.execute("CLUSTER", "SETSLOT", slot, "NODE", targetId);
  servers.give(fault.partition, target);
  await observer.show([fault.partition]);
}

/** More than a partition of any scenario has. */
const mostKeys = "10000";
