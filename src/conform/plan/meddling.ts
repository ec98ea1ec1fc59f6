/** One change that another program makes to a key of ours, so that the key stays of its type and a rule of docs/protocol.md applies that is rare. */
import type { KeyName } from "../../../model/partition/state.ts";
import type { Move } from "./plan.ts";
import { type BrokenMeta, nodeIds, type Target, targetOf, type World, withPartition } from "./world.ts";

type What = Extract<Move, { do: "meddle" }>["what"];

const torn: Readonly<Partial<Record<What, Omit<BrokenMeta, "meta">>>> = {
  epoch_gone: { field: "epoch", text: null },
  sequence_gone: { field: "sequence", text: null },
  server_gone: { field: "replication_id", text: null },
  layout_gone: { field: "layout", text: null },
  partitions_gone: { field: "partitions", text: null },
  sequence_no_number: { field: "sequence", text: "x" },
  layout_no_number: { field: "layout", text: "x" },
  partitions_no_number: { field: "partitions", text: "x" },
};
const layouts: Readonly<Partial<Record<What, number>>> = { older_layout: 1, newer_layout: 3 };

interface Command {
  readonly target: Target;
  readonly name: string;
  readonly key: KeyName;
  readonly args: readonly string[];
}

/** Member of `nodes` that is no well-formed id, among those that are; and as a reader of UTF-8 has it. */
export const unreadableId = { sent: "n\udcff", read: "n\ufffd" } as const;
const miscounted = 7;
/** All of it is about the first node, and its partition. */
const [node] = nodeIds;
const target = targetOf(node);

/** The command that makes the change, with the key by the model's name. */
export function commandOf(what: What): Command {
  const tear = torn[what];
  if (tear !== undefined) {
    const { field, text } = tear;
    return text === null ? of("HDEL", "meta", field) : of("HSET", "meta", field, text);
  }
  const layout = layouts[what];
  if (layout !== undefined) return of("HSET", "meta", "layout", String(layout));
  if (what === "record_gone") return of("DEL", `node:${node}`);
  if (what === "miscounted") return of("HSET", `node:${node}`, "current_jobs", String(miscounted));
  return of("ZADD", "nodes", "0", unreadableId.sent);
}

const of = (name: string, key: KeyName, ...args: readonly string[]): Command => ({ target, name, key, args });

/** null: there is nothing of that kind to be changed. */
export function changedBy(world: World, what: What): World | null {
  const partition = world.partitions[target];
  if (!partition?.meta) return null;
  const tear = torn[what];
  if (tear !== undefined) {
    const after = new Map(world.torn).set(target, { ...tear, meta: partition.meta });
    return { ...withPartition(world, target, { ...partition, meta: null }), torn: after };
  }
  const layout = layouts[what];
  if (layout !== undefined) return withPartition(world, target, { ...partition, meta: { ...partition.meta, layout } });
  if (what === "foreign_id") return { ...world, foreign: new Set([...world.foreign, target]) };
  const record = partition.nodes.get(node);
  if (record === undefined) return null;
  const nodes = new Map(partition.nodes);
  if (what === "miscounted") {
    return withPartition(world, target, {
      ...partition,
      nodes: nodes.set(node, { ...record, currentJobs: miscounted }),
    });
  }
  nodes.delete(node);
  return withPartition(world, target, { ...partition, nodes, lost: new Map([[node, record.expiresAt]]) });
}

/** The meta is whole again once an epoch has begun. */
export function withWholeMeta(world: World, begun: Target): World {
  if (!world.torn.has(begun)) return world;
  return { ...world, torn: new Map([...world.torn].filter(([other]) => other !== begun)) };
}
