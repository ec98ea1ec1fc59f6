/** Judges the calls of one node, whatever searches for their order. */
import type { Ruling } from "../search/operation.ts";
import { type SchedulerNode, schedulerNode } from "./scheduler-node.ts";
import type { NodeFacts } from "./terms.ts";

/** A history is held where no loss has to lead back to what was known only in part, and violated where none can explain it. */
export function judgeNodeCalls(facts: NodeFacts, judge: (object: SchedulerNode) => Ruling): Ruling {
  const found = judge(schedulerNode(facts, "shown"));
  if (found.verdict !== "violated" || facts.losses.length === 0 || !facts.hasUnnamed) return found;
  const perhaps = judge(schedulerNode(facts, "any"));
  if (perhaps.verdict !== "held") return perhaps;
  return { verdict: "unknown", reason: "it is possible only if a loss led back to what the history shows in part" };
}
