/** Calls about one node and their answers, as docs/sut-protocol.md defines them. Jobs are numbered; times are those of the history. */
import type { Version } from "../../history.ts";

/** `at` is the time of the call: it has not taken effect before. */
export type NodeInput =
  | {
      readonly op: "register_node";
      readonly at: number;
      /** null: none was given, so a retry is not recognised. */
      readonly token: string | null;
      /** The incarnation that it replaces; null: there is none. Absent: the instance decides. */
      readonly expected?: string | null;
      readonly capacity: number;
    }
  | {
      readonly op: "heartbeat";
      readonly at: number;
      readonly incarnation: string;
      readonly seq: number;
      readonly running: readonly number[];
    }
  | {
      readonly op: "offline_node";
      readonly at: number;
      /** null: the instance decides. */
      readonly incarnation: string | null;
    }
  | {
      readonly op: "reserve_job";
      readonly at: number;
      readonly job: number;
      /** null: the default. */
      readonly lease: number | null;
    }
  | { readonly op: "complete_job"; readonly at: number; readonly job: number }
  | { readonly op: "release_job"; readonly at: number; readonly job: number }
  | { readonly op: "get_node"; readonly at: number };

export type NodeOp = NodeInput["op"];

export const nodeOps = [
  ...(["register_node", "heartbeat", "offline_node", "reserve_job"] as const),
  ...(["complete_job", "release_job", "get_node"] as const),
] as const satisfies readonly NodeOp[];

/** The outcomes of each operation; the first is that of an answer without one. */
export const outcomesOf = {
  register_node: ["registered", "already", "superseded", "conflict"],
  heartbeat: ["renewed", "already", "stale", "superseded", "unknown_node", "not_online"],
  offline_node: ["offline", "already", "superseded", "unknown_node"],
  reserve_job: ["reserved", "already", "full", "not_online", "finished", "finished_unknown"],
  complete_job: ["completed", "unknown"],
  release_job: ["completed", "unknown"],
  get_node: ["shown", "missing"],
} as const satisfies Readonly<Record<NodeOp, readonly string[]>>;

export type Outcome = (typeof outcomesOf)[NodeOp][number];

/** The content of a node that get_node shows; absent: the answer does not say. */
export interface Shown {
  readonly status?: string;
  readonly incarnation?: string;
  /** Both, or neither. */
  readonly places?: { readonly capacity: number; readonly taken: number };
}

export interface NodeOutput {
  readonly outcome: Outcome;
  /** The incarnation that there is, for a registration; null: there is none, or it is not known. */
  readonly incarnation?: string | null;
  readonly shown?: Shown;
  /** How far the node's partition had come with it; absent: the answer does not say. */
  readonly version?: Version;
}
