/** The known state of a node: its own reports, and the record that the store holds. */
import type { Version } from "./version.ts";

export interface LanguagePair {
  readonly source: string;
  readonly target: string;
}

export interface Membership {
  readonly pools: readonly string[];
  readonly languages: readonly LanguagePair[];
}

export type MetricName = "cpu" | "gpu" | "memory" | "load" | "latency_ms" | "error_rate";

/** null: not known. */
export type Metrics = Readonly<Record<MetricName, number | null>>;

export type NodeStatus = "online" | "offline" | "expired";

/** The material content of a node as it was seen or shown, which may be impossible: judges hold it against the store. */
export interface NodeContent extends Membership {
  readonly node: string;
  readonly status: string;
  readonly incarnation: string;
  /** When its material content last changed. May be of an earlier epoch than the partition's. */
  readonly version: Version;
  readonly max_jobs: number;
  readonly current_jobs: number;
  /** 0..1000, thousandths of the score. */
  readonly health_milli: number;
  readonly services: readonly string[];
  /** Jobs that were ever completed on it. Absent: it was not said. */
  readonly finished?: number | undefined;
}

/** The same as the store gives it: views hold it and selection uses it (docs/protocol.md, section 6). */
export interface NodeState extends NodeContent {
  readonly status: NodeStatus;
  readonly finished: number;
}
