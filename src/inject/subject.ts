/** An instance as a run has it, in this process or in one of its own: clients call it, and what it believes can be looked at. */
import type { NodeContent, Version } from "../check/history.ts";
import type { Target } from "../load/target.ts";

export interface Subject extends Target {
  /** What it last told of itself; epoch "" where it holds nothing of a partition. */
  status(): { readonly mode: string; readonly connected: boolean; readonly view: readonly Version[] };
  /** Has it tell of itself now; absent: `status` and `nodes` are never old. */
  refresh?(): Promise<void>;
  nodes(partition: number): readonly NodeContent[];
  close(): Promise<void>;
}
