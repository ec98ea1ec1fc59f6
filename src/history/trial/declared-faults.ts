/** Adds the declared duration to faults of histories that lack it, from the scenario that they name. */
import type { Fault, FaultKind } from "../../../scenarios/declare/fault-kinds.ts";
import { findScenario } from "../../../scenarios/registry.ts";
import type { HistoryEvent } from "../../check/history.ts";

/** They begin at a call or a message, which may come at any time. */
const chosen: ReadonlySet<FaultKind> = new Set<FaultKind>([
  ...(["reply_lost", "command_delayed", "command_held", "command_repeated", "wake_up_dropped"] as const),
]);

export function isChosen(kind: FaultKind): boolean {
  return chosen.has(kind);
}

/** Drawn faults are unchanged, because they are not in the list of the scenario. */
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
  if (fault === undefined || fault.kind !== name || isChosen(fault.kind)) return null;
  return "lasts" in fault ? fault.lasts : null;
}
