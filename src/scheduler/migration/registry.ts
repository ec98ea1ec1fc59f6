/**
 * Both schedulers as the migration sees them: the one in use (`legacy`) and this one (`next`). One interface, so that either may lead.
 *
 * Like a port, a registry never throws for what the world does: it answers with a `RegistryFailure`, within its own deadline.
 */

import type { LanguagePair, Metrics } from "../../protocol/node.ts";
import type { Millis } from "../../protocol/time.ts";
import type { NodeOffer } from "../input.ts";
import type { Wanted } from "../selection/select.ts";

export type Side = "legacy" | "next";

export function otherSide(side: Side): Side {
  return side === "legacy" ? "next" : "legacy";
}

/** The facts of a registry about a node. A fact that is `null` is unknown: it is neither compared nor repaired. */
export interface NodeFacts {
  readonly node: string;
  readonly online: boolean;
  readonly max_jobs: number | null;
  readonly current_jobs: number | null;
  /** The ids of the jobs that hold a place. This scheduler's own view counts them and does not name them. */
  readonly jobs: readonly string[] | null;
  readonly pools: readonly string[] | null;
  readonly languages: readonly LanguagePair[] | null;
  readonly services: readonly string[] | null;
}

/** `applied` as in `Failure`: `no` only where it certainly did not happen and will not. */
export interface RegistryFailure {
  readonly kind: "failed";
  readonly applied: "no" | "unknown";
  /** `deadline`, `overloaded`, `refused`, `threw`, `stale`, or the scheduler's own cause. */
  readonly cause: string;
  readonly message: string;
}

type Said<Kind extends string> = { readonly kind: Kind } | RegistryFailure;

/** `age_ms`: since the answer was last known to be true; 0 when it was read for this call. */
export type Lookup =
  | { readonly kind: "found"; readonly facts: NodeFacts; readonly age_ms: Millis }
  | { readonly kind: "absent"; readonly age_ms: Millis }
  | RegistryFailure;

export type Selected = { readonly kind: "selected"; readonly nodes: readonly string[] } | RegistryFailure;
/** `not_listed`: this registry cannot list its nodes. */
type Listed =
  | { readonly kind: "listed"; readonly nodes: readonly string[] }
  | { readonly kind: "not_listed" }
  | RegistryFailure;
export type Registered = Said<"registered">;
export type HeartbeatResult = Said<"renewed" | "not_online">;
export type OfflineResult = Said<"offline">;
export type Reserved = Said<"reserved" | "already" | "full" | "not_online" | "finished" | "finished_unknown">;
export type Ended = Said<"completed" | "unknown">;

export interface Beat {
  readonly node: string;
  /** Grows with every heartbeat of one life. A registry that does not order heartbeats ignores it. */
  readonly seq: number;
  readonly metrics: Metrics;
  readonly running: readonly string[];
}

export interface Registry {
  getNode(node: string): Promise<Lookup>;
  selectNodes(wanted: Wanted): Promise<Selected>;
  /** The nodes that are online, and perhaps others. */
  listNodes(): Promise<Listed>;
  registerNode(offer: NodeOffer): Promise<Registered>;
  heartbeat(beat: Beat): Promise<HeartbeatResult>;
  offlineNode(node: string): Promise<OfflineResult>;
  reserveJob(node: string, job: string): Promise<Reserved>;
  completeJob(node: string, job: string): Promise<Ended>;
  releaseJob(node: string, job: string): Promise<Ended>;
}

export type Registries = Readonly<Record<Side, Registry>>;
