/** Requests of clients for nodes, and the configuration of the pools in which those are searched. */
import type { LanguagePair } from "../protocol/node.ts";
import type { Millis } from "../protocol/time.ts";

/** The request of a selection or a dispatch: a node suits that is in the pool, serves the pair, and offers all of the services. */
export interface Wish extends LanguagePair {
  /** Absent: the pools that the configuration in force prescribes; without one, any. */
  readonly pool?: string;
  readonly services: readonly string[];
  /** The most nodes that a selection may return; absent in a history that does not say. */
  readonly count?: number;
  /** By which the pool is chosen where none is named. Absent: by the job of a dispatch, else by the language pair. */
  readonly key?: string;
  /** How many nodes a dispatch may try. Absent: as many as the instance's settings say. */
  readonly attempts?: number;
  /** How long the place of a dispatch is to be kept. Absent: as long as the instance's settings say. */
  readonly lease?: Millis;
}

/** The offer of a node in a registration. */
export interface NodeOffer {
  readonly max_jobs: number;
  readonly pools: readonly string[];
  readonly languages: readonly LanguagePair[];
  readonly services: readonly string[];
}

/** One pool of a configuration. */
export interface ConfiguredPool {
  readonly id: string;
  /** The services that it promises. */
  readonly required_services: readonly string[];
  /** Empty: any. */
  readonly language_pairs: readonly LanguagePair[];
}

/** A configuration of the pools (docs/protocol.md, section 8), as far as selection uses it. */
export interface Configuration {
  readonly enabled: boolean;
  readonly hash_seed: number;
  readonly fallback_scan_all_pools: boolean;
  readonly pools: readonly ConfiguredPool[];
}
