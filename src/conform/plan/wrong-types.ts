/** Keys that hold another type than ours, as if another program had written there: which ones, and what they hold instead. */
import type { KeyName } from "../../../model/partition/rules/wrong-keys.ts";
import type { Json } from "../store/content.ts";
import type { StoreEvent } from "./plan.ts";
import { nodeIds, type RedisType, type Target, targetOf, type World } from "./world.ts";

type KeyKind = SpoiltKey["key"];
type SpoiltKey = Extract<StoreEvent, { do: "spoil" }>;

/** The type of each kind of key (docs/protocol.md, section 2). */
const ownType: Readonly<Record<KeyKind, RedisType>> = {
  ...{ meta: "hash", feed: "stream", nodes: "zset", expiry: "zset", leases: "zset", orphans: "zset" },
  ...{ node: "hash", jobs: "zset", done: "zset", phase3: "hash" },
};

/** The content of a key of each type that is not ours, as the dump of the store gives it. */
const foreign: Readonly<Record<RedisType, Json>> = {
  string: { type: "string", value: ["not ours"] },
  list: { type: "list", value: ["not ours"] },
  hash: { "not ours": "1" },
  set: ["not ours"],
  zset: [["not ours", "1"]],
  stream: [["1-0", { "not ours": "1" }]],
};

export function wrongContent(type: RedisType): Json {
  return foreign[type];
}

export interface WrongKey {
  readonly target: Target;
  readonly key: KeyName;
  readonly type: RedisType;
}

/** The key that a move means, with another type than its own. */
export function wrongKeyOf({ key, of, partition, type }: SpoiltKey): WrongKey {
  const target = targetOfKey(key, of, partition);
  return { target, key: nameOfKey(key, of), type: type === ownType[key] ? "string" : type };
}

function targetOfKey(key: KeyKind, of: number, partition: SpoiltKey["partition"]): Target {
  if (key === "phase3") return "cfg";
  if (key === "node" || key === "jobs" || key === "done") return targetOf(nodeIds[of] ?? "");
  const isShared = key === "meta" || key === "feed" || key === "nodes";
  return partition === "cfg" && !isShared ? 0 : partition;
}

function nameOfKey(key: KeyKind, of: number): KeyName {
  switch (key) {
    case "node":
    case "jobs":
    case "done":
      return `${key}:${nodeIds[of] ?? ""}`;
    default:
      return key;
  }
}

/** A key that is of a wrong type already stays as it is. */
export function withWrongKey(world: World, { key, target, type }: WrongKey): World {
  const wrong = wrongOf(world, target);
  if (wrong.has(key)) return world;
  return { ...world, wrong: new Map(world.wrong).set(target, new Map(wrong).set(key, type)) };
}

export function wrongOf({ wrong }: World, target: Target): ReadonlyMap<KeyName, RedisType> {
  return wrong.get(target) ?? new Map();
}

/** Only those of its wrong keys that are named. */
export function withWrong(world: World, target: Target, left: ReadonlySet<KeyName>): World {
  const wrong = wrongOf(world, target);
  if (wrong.size === left.size) return world;
  return { ...world, wrong: new Map(world.wrong).set(target, new Map([...wrong].filter(([key]) => left.has(key)))) };
}
