/** Which scenarios a system under test can meet: those with one Redis, with load that it has the operations for, and with faults that reach it. */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import type { Fault, FaultKind } from "../../../scenarios/declare/fault-kinds.ts";
import { operationsOf } from "../../load/plan/claimed.ts";
import type { SystemUnderTest } from "../../sut/command.ts";
import { canRunOn } from "../availability.ts";
import { byOneUrl } from "../instances/as-processes.ts";

/** They change keys of ours, or the time that our scripts are given. */
const onOurs: ReadonlySet<FaultKind> = new Set<FaultKind>([
  ...(["clock_jump", "feed_entry_deleted", "wrong_type", "flush_all"] as const),
]);
/** They change an instance of ours from inside. */
const inside: ReadonlySet<FaultKind> = new Set<FaultKind>(["client_broken"]);

type Greeted = Pick<SystemUnderTest, "hasDocumentedKeys" | "ops" | "subscribes">;

export function canMeet(scenario: Scenario, greeted: Greeted): boolean {
  const { redis } = scenario.topology;
  if (!byOneUrl.includes(redis) || !canRunOn(scenario, redis)) return false;
  if (!greeted.hasDocumentedKeys && scenario.nemesis !== undefined) return false; // it may draw any of them
  if (!scenario.load.some(({ kind }) => canJudge(operationsOf(kind), greeted))) return false;
  return scenario.faults.every((fault) => reaches(fault, greeted));
}

/** Registrations alone decide no property that is judged by clients. */
function canJudge(needed: readonly string[], { ops }: Greeted): boolean {
  return needed.every((op) => ops.includes(op)) && needed.some((op) => op !== "register_node");
}

function reaches(fault: Fault, { hasDocumentedKeys, ops, subscribes }: Greeted): boolean {
  if (inside.has(fault.kind)) return false;
  // To a system that polls no wake-up is sent that could be dropped.
  if (fault.kind === "wake_up_dropped" && !subscribes) return false;
  if ("script" in fault && fault.script !== "changes_since" && !ops.includes(fault.script)) return false;
  if (hasDocumentedKeys) return true;
  // The question by which an instance follows is made for no request, so only its script tells it from others.
  if ("script" in fault && fault.script === "changes_since") return false;
  return !onOurs.has(fault.kind);
}
