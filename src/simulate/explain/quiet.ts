/** Finds the requests of a run that brought nothing new: there are many, and a picture of a failure is no better for them. */
import type { SimEvent } from "../trace/events.ts";

const polls: ReadonlySet<string> = new Set(["changes_since", "check_config", "read_config", "sweep"]);

/** Ids of requests that asked for changes and were answered that there are none. */
export function idleRequests(events: readonly SimEvent[]): ReadonlySet<number> {
  const quiet = new Set<number>();
  for (const event of events) {
    switch (event.kind) {
      case "sent":
        if (polls.has(event.script)) quiet.add(event.request);
        break;
      case "stepped":
      case "config_stepped":
        if (isNews(event)) quiet.delete(event.request);
        break;
      case "settled":
        if (event.outcome !== "answered") quiet.delete(event.request);
        break;
      case "lost":
      case "withheld":
      case "refused":
        quiet.delete(event.request);
        break;
      default:
        break;
    }
  }
  return quiet;
}

function isNews(event: Extract<SimEvent, { readonly kind: "stepped" | "config_stepped" }>): boolean {
  const { reply } = event;
  if (event.kind === "stepped" && event.changes.length > 0) return true;
  if (reply.kind === "changes") return reply.entries.length > 0;
  return reply.kind !== "swept";
}
