/** Which scenarios a system under test can meet: those with one Redis, and with faults that reach it. */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import type { FaultKind } from "../../../scenarios/declare/fault-kinds.ts";
import type { SystemUnderTest } from "../../sut/command.ts";
import { canRunOn } from "../availability.ts";
import { byOneUrl } from "../instances/as-processes.ts";

/** They change calls of our scripts, or keys and messages of ours. */
const onOurs: ReadonlySet<FaultKind> = new Set<FaultKind>([
  ...(["reply_lost", "command_delayed", "command_held", "command_repeated", "clock_jump"] as const),
  ...(["wake_up_dropped", "feed_entry_deleted", "wrong_type", "flush_all"] as const),
]);
/** They change an instance of ours from inside. */
const inside: ReadonlySet<FaultKind> = new Set<FaultKind>(["client_broken"]);

export function canMeet(
  scenario: Scenario,
  { hasDocumentedKeys }: Pick<SystemUnderTest, "hasDocumentedKeys">,
): boolean {
  const { redis } = scenario.topology;
  if (!byOneUrl.includes(redis) || !canRunOn(scenario, redis)) return false;
  if (!hasDocumentedKeys && scenario.nemesis !== undefined) return false; // it may draw any of them
  return scenario.faults.every(({ kind }) => !inside.has(kind) && (hasDocumentedKeys || !onOurs.has(kind)));
}
