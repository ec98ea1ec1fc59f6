/** Converts events of a hosted instance from the clock that processes share to the clock of the run. */
import type { HistoryEvent, Millis } from "../../check/history.ts";

const timeFields = ["at", "from", "to", "since"] as const;

/** @param atShared converts a time. Fields of these names that are not numbers (such as a mode change's `from`) stay as they are. */
export function shifted<Event extends HistoryEvent>(event: Event, atShared: (time: number) => Millis): Event {
  const moved: Record<string, unknown> = { ...event };
  for (const name of timeFields) {
    const value = moved[name];
    if (typeof value === "number") moved[name] = atShared(value);
  }
  return moved as unknown as Event;
}

/** The time at which the event was over. */
export function endOf(event: HistoryEvent): Millis {
  const { at, to } = event as { readonly at?: unknown; readonly to?: unknown };
  if (typeof at === "number") return at;
  return typeof to === "number" ? to : Number.NEGATIVE_INFINITY;
}
