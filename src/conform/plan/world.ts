/** The world of a run: two partitions and the configuration on one server, a clock that is passed in, and hostile names. */
import type { ConfigContent, Instant, LanguagePair, Version } from "../../../model/partition/command.ts";
import {
  changeServer,
  emptyPartition,
  type Log,
  loseData,
  type Partition,
} from "../../../model/partition/partition.ts";
import { type ConfigPartition, emptyConfig, loseConfig } from "../../../model/partition/rules/config.ts";
import type { KeyName } from "../../../model/partition/rules/wrong-keys.ts";
import type { Meta } from "../../../model/partition/state.ts";

/** The hash tag of a partition is `p0`, `p1`, …; the configuration's is `cfg`. */
export type Target = number | "cfg";

export type RedisType = "string" | "list" | "hash" | "set" | "zset" | "stream";

/** A field of `meta` is gone (null) or no number, so that the whole is none: the model has none from then on. */
export interface BrokenMeta {
  readonly meta: Meta;
  readonly field: string;
  readonly text: string | null;
}

export interface World {
  readonly at: Instant;
  readonly partitions: readonly Partition[];
  readonly config: ConfigPartition;
  /** By node: its registration tokens and its incarnations, oldest first. */
  readonly tokens: ReadonlyMap<string, readonly string[]>;
  readonly incarnations: ReadonlyMap<string, readonly Version[]>;
  /** The last version of each epoch that has ended, oldest first. */
  readonly ended: ReadonlyMap<Target, readonly Version[]>;
  /** Keys that hold another type than ours, with that type; the partitions have what they held before. */
  readonly wrong: ReadonlyMap<Target, ReadonlyMap<KeyName, RedisType>>;
  /** A meta that is not whole: the partition has none. */
  readonly torn: ReadonlyMap<Target, BrokenMeta>;
  /** Partitions with a member of `nodes` that is no id. */
  readonly foreign: ReadonlySet<Target>;
}

export const partitionCount = 2;
/** Instances that call the store in a concurrent run. */
export const clientCount = 3;

export const emptyWorld: World = {
  at: 1_700_000_000_000,
  partitions: [emptyPartition, emptyPartition],
  config: emptyConfig,
  tokens: new Map(),
  incarnations: new Map(),
  ended: new Map(),
  wrong: new Map(),
  torn: new Map(),
  foreign: new Set(),
};

/**
 * Braces, colons, new lines, the longest id of several bytes a character; the last two are not allowed: one byte too long, and not well-formed.
 * A lone surrogate U+DC80..U+DCFF stands for one byte 0x80..0xFF (see `bytesOf`).
 */
export const nodeIds = ["n0", "{n}:1", `ж\n}2${"ж".repeat(125)}x`, "x".repeat(257), "n\udce2\udc82"] as const;
/** With all that JSON escapes. The last ones: empty, an overlong form, a surrogate, a code point above U+10FFFF, a byte that continues nothing. */
export const jobIds = [
  ...(["j0", "j{p1}", 'j:"2\\\r\n\0', "\u{1F600}3", `\uFF5E4${"j".repeat(252)}`, "", "\udcc0\udc80"] as const),
  ...(["\udced\udca0\udc80j", "\udcf4\udc90\udc80\udc80", "ж\udc80"] as const),
] as const;
/** From this number on jobs have plain names: a node may run many. */
export const firstPlainJob = jobIds.length;
export const jobId = (at: number): string => jobIds[at] ?? `c${at}`;
export const poolIds = ["a", "b:{c}", "\n", "\udcff"] as const;
/** Where a caller joins their tags with a hyphen or an underscore, the last two are one. */
export const languagePairs: readonly LanguagePair[] = [
  { source: "de", target: "en" },
  { source: "zh-Hant", target: "en_GB" },
  { source: "zh", target: "Hant-en_GB" },
];

const pool = (id: string): ConfigContent["pools"][number] => ({
  id,
  name: `pool ${id}`,
  required_services: ["asr"],
  language_pairs: [{ source: "de", target: "en" }],
});
const services = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `s${index}`);
const pairs = (count: number): readonly LanguagePair[] =>
  Array.from({ length: count }, (_, index) => ({ source: "de", target: `x${index}` }));
const usual = { enabled: true, poolCount: 1, hashSeed: 7, fallbackScanAllPools: false, pools: [pool("a")] };
/**
 * The fourth says that it has two pools and lists one; those after it differ from the first in one field each. The one with the longest lists is
 * allowed, and those after it are not: each has one wrong element. The last is allowed, and as long as the first.
 */
export const configContents: readonly ConfigContent[] = [
  usual,
  { enabled: false, poolCount: 0, hashSeed: 0, fallbackScanAllPools: true, pools: [] },
  { enabled: true, poolCount: 2, hashSeed: 4_294_967_295, fallbackScanAllPools: true, pools: [pool("a"), pool("/b")] },
  { enabled: true, poolCount: 2, hashSeed: 1, fallbackScanAllPools: true, pools: [pool("a")] },
  { ...usual, enabled: false },
  { ...usual, hashSeed: 8 },
  { ...usual, fallbackScanAllPools: true },
  { ...usual, pools: [{ ...pool("a"), name: 'another "{}" {"pool} {} a' }] },
  { ...usual, pools: [{ ...pool("a"), required_services: [] }] },
  { ...usual, pools: [{ ...pool("a"), language_pairs: [] }] },
  {
    ...usual,
    pools: [
      {
        ...pool(`${"ж".repeat(127)}x\\`),
        name: "",
        required_services: ["{}", ...services(63)],
        language_pairs: pairs(512),
      },
    ],
  },
  { ...usual, pools: [pool("")] },
  { ...usual, poolCount: 2, pools: [pool("a"), pool("\udcff")] },
  { ...usual, pools: [{ ...pool("a"), name: "x".repeat(257) }] },
  { ...usual, pools: [{ ...pool("a"), name: "\udcc0\udc80" }] },
  { ...usual, pools: [{ ...pool("a"), required_services: ["asr", ""] }] },
  { ...usual, pools: [{ ...pool("a"), required_services: services(65) }] },
  { ...usual, pools: [{ ...pool("a"), language_pairs: [{ source: "d e", target: "en" }] }] },
  { ...usual, pools: [{ ...pool("a"), language_pairs: pairs(513) }] },
  { ...usual, pools: [{ ...pool("a"), name: "pool b" }] },
];
/** Those that are not allowed. */
export const wrongContents: readonly number[] = [3, 11, 12, 13, 14, 15, 16, 17, 18];

export function targetOf(node: string): 0 | 1 {
  return node === nodeIds[2] ? 1 : 0;
}

export function partitionOf(world: World, target: number): Partition {
  const partition = world.partitions[target];
  if (partition === undefined) throw new RangeError(`no partition ${target}`);
  return partition;
}

export function logOf(world: World, target: Target): Log {
  return target === "cfg" ? world.config : partitionOf(world, target);
}

export function withPartition(world: World, target: number, partition: Partition): World {
  return { ...world, partitions: world.partitions.with(target, partition) };
}

export function loseAll(world: World): World {
  const partitions = world.partitions.map(loseData);
  const { foreign, torn, wrong } = emptyWorld;
  return { ...world, partitions, config: loseConfig(world.config), wrong, torn, foreign };
}

export function anotherServer(world: World): World {
  return { ...world, partitions: world.partitions.map(changeServer), config: changeServer(world.config) };
}
