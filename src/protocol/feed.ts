/** The entries of the feed of a partition, each of which reports one change. */
import type { LanguagePair } from "./node.ts";
import type { Instant } from "./time.ts";
import type { Version } from "./version.ts";

export type FeedChange =
  | {
      readonly kind: "registered";
      readonly node: string;
      readonly incarnation: string;
      readonly finished: number;
      readonly max_jobs: number;
      readonly pools: readonly string[];
      readonly languages: readonly LanguagePair[];
      readonly services: readonly string[];
      readonly health_milli: number;
      readonly orphaned: readonly string[];
    }
  | { readonly kind: "health"; readonly node: string; readonly health_milli: number }
  | { readonly kind: "offline" | "expired"; readonly node: string; readonly orphaned: readonly string[] }
  | {
      readonly kind: "reserved";
      readonly node: string;
      readonly job: string;
      readonly current_jobs: number;
      readonly lease_until_ms: Instant;
    }
  | {
      readonly kind: "completed";
      readonly node: string;
      readonly job: string;
      readonly current_jobs: number;
      readonly finished: number;
    }
  | { readonly kind: "released"; readonly node: string; readonly job: string; readonly current_jobs: number }
  | { readonly kind: "lapsed"; readonly node: string; readonly jobs: readonly string[]; readonly current_jobs: number }
  | { readonly kind: "removed"; readonly node: string };

export interface FeedEntry {
  readonly sequence: number;
  readonly change: FeedChange;
}

/** A change by which jobs lost their places, as the store keeps it until an instance has called back for it. */
export interface KeptLoss {
  /** Its place among those that are kept. It may be given out again; the version never is. */
  readonly order: number;
  /** The version of the change. */
  readonly version: Version;
  readonly node: string;
  readonly because: "registered" | "offline" | "expired" | "lapsed";
  readonly jobs: readonly string[];
}
