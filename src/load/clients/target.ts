/**
 * The part of a scheduler that clients call, wherever it runs: in this process, or in a process of its own, which answers a selection later and may
 * have no versions.
 */
import type { ConfigContent } from "../../protocol/configuration.ts";
import type { NodeContent } from "../../protocol/node.ts";
import type { Failure } from "../../protocol/replies.ts";
import type { Version } from "../../protocol/version.ts";
import type { NodeAnswer as ReadAnswer } from "../../scheduler/reading/reads.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";

/** A write that was answered. */
export interface Written {
  readonly kind: string;
  /** Absent where the system has none. */
  readonly version?: Version | undefined;
  /** The jobs without a place among those that a heartbeat named. Absent where the system does not say. */
  readonly unknown_jobs?: readonly string[] | undefined;
}

/** Its own incarnation; of a conflict the stored one, null where there is no such node. */
export type Registered = Written & { readonly incarnation: string | null };

export type Placed =
  | {
      readonly kind: "dispatched";
      readonly node: string;
      readonly outcome: string;
      readonly version?: Version | undefined;
    }
  | { readonly kind: "finished" | "finished_unknown"; readonly node: string }
  /** `tried` is absent where the system does not say. */
  | { readonly kind: "no_node"; readonly tried?: readonly string[] }
  | (Failure & { readonly node: string });

/** An aborted call that throws has not happened, for certain. */
export type ReserveOptions = Pick<NonNullable<Parameters<Scheduler["reserveJob"]>[2]>, "lease" | "signal">;
export type DispatchOptions = NonNullable<Parameters<Scheduler["dispatch"]>[1]>;

type First<Method extends "registerNode" | "heartbeat" | "selectNodes" | "dispatch"> = Parameters<Scheduler[Method]>[0];

/** A system need not say how many jobs a node has finished. */
export type NodeAnswer = Omit<ReadAnswer, "node"> & { readonly node?: NodeContent };

/** `pools` is absent where the system does not say which it searched. */
type Selected = Pick<ReturnType<Scheduler["selectNodes"]>, "mode"> & {
  readonly nodes: readonly NodeContent[];
  readonly pools?: readonly string[];
  /** Absent where the system does not say. */
  readonly stale?: boolean;
};

export interface Target {
  registerNode(request: First<"registerNode">): Promise<Registered | Failure>;
  heartbeat(request: First<"heartbeat">): Promise<Written | Failure>;
  offlineNode(node: string, incarnation?: string): Promise<Written | Failure>;
  reserveJob(node: string, job: string, options?: ReserveOptions): Promise<Written | Failure>;
  completeJob(node: string, job: string): Promise<Written | Failure>;
  releaseJob(node: string, job: string): Promise<Written | Failure>;
  /** @throws where it has no answer, which violates D1 */
  getNode(node: string): Promise<NodeAnswer>;
  selectNodes(wanted: First<"selectNodes">): Selected | Promise<Selected>;
  dispatch(request: First<"dispatch">, options?: DispatchOptions): Promise<Placed>;
  config(): { readonly version: Version } | null;
  putConfig(config: ConfigContent, expected: Version | null): Promise<Written | Failure>;
}
