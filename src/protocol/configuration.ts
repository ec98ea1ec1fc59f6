/** The two-level configuration of the pools (docs/protocol.md, section 8). */
import type { LanguagePair } from "./node.ts";
import type { Version } from "./version.ts";

export interface PoolConfig {
  readonly id: string;
  readonly name: string;
  /** The services of every node of the pool: a request fits when it needs no other. */
  readonly required_services: readonly string[];
  /** Empty: any. */
  readonly language_pairs: readonly LanguagePair[];
}

/** Phase3Config, the two-level pool configuration; lists in it are sorted and without duplicates. */
export interface ConfigContent {
  readonly enabled: boolean;
  /** The length of `pools`. */
  readonly pool_count: number;
  /** 0..4294967295. */
  readonly hash_seed: number;
  readonly fallback_scan_all_pools: boolean;
  readonly pools: readonly PoolConfig[];
}

export interface StoredConfig extends ConfigContent {
  /** At which it was put; may be of an earlier epoch than the configuration's own. */
  readonly version: Version;
}
