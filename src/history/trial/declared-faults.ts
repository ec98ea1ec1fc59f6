/** For how long the faults of a stored run were declared to last, where its history does not say: by the scenario that it names. */
import type { Fault, FaultKind } from "../../../scenarios/declare/fault-kinds.ts";
import { findScenario } from "../../../scenarios/registry.ts";
import type { HistoryEvent } from "../../check/history.ts";

/** In force from a call or a message on, which may come at any time. */
const chosen: ReadonlySet<FaultKind> = new Set<FaultKind>([
  ...(["reply_lost", "command_delayed", "command_held", "command_repeated", "wake_up_dropped"] as const),
]);

/** Of a draw nothing is known: its list is not the scenario's. */
export function withDeclaredLengths(
  history: readonly HistoryEvent[],
  { drawn, scenario }: { readonly drawn?: object; readonly scenario: string },
): readonly HistoryEvent[] {
  const faults = drawn === undefined ? (findScenario(scenario)?.faults ?? []) : [];
  return history.map((event) => {
    if (event.kind !== "fault" || event.step !== "inject" || event.lasts !== undefined) return event;
    const lasts = lengthOf(faults[event.fault], event.name);
    return lasts === null ? event : { ...event, lasts };
  });
}

function lengthOf(fault: Fault | undefined, name: string): number | null {
  if (fault === undefined || fault.kind !== name || chosen.has(fault.kind)) return null;
  return "lasts" in fault ? fault.lasts : null;
}
