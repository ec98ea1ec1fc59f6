/** Whether a change can be made of what the node was before it (docs/protocol.md, section 4). */
import type { LineEntry } from "../../truth.ts";
import type { NodeMoment } from "./moment.ts";

/** Why it cannot; null: it can, or it is not known what the node was. */
export function whyImpossible({ job, kind, lapsed }: LineEntry, before: NodeMoment): string | null {
  if (kind === "registered" || !before.isKnown) return null;
  const { record } = before;
  if (record === null) return "there is no such node";
  const isOnline = record.status === "online";
  switch (kind) {
    case "reserved":
      return isOnline ? whyNoPlace(job ?? "", record.maxJobs, before) : `the node is ${record.status}`;
    case "completed":
    case "released":
      return before.has(job ?? "") ? null : "the job has no place";
    case "lapsed":
      return lapsed.every((one) => before.has(one)) ? null : "a job has no place";
    case "removed":
      return isOnline ? "the node is online" : null;
    default:
      return isOnline ? null : `the node is ${record.status}`;
  }
}

function whyNoPlace(job: string, maxJobs: number, before: NodeMoment): string | null {
  if (before.has(job)) return "the job has a place already";
  if (before.size >= maxJobs) return `all ${maxJobs} places are taken`;
  return before.completion(job) === "yes" ? "the job has been completed" : null;
}
