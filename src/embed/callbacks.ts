/** The user's own listeners: called after the step in which something happened, so that they may call the scheduler; what they throw is told and stops nothing. */
import type { Happening, SchedulerEvent } from "../scheduler/events.ts";

export interface OrphanedJobs {
  readonly node: string;
  readonly jobs: readonly string[];
  readonly because: Extract<Happening, { kind: "jobs_orphaned" }>["because"];
}

export interface Callbacks {
  /** Jobs that lost their node, to be dispatched again. Every instance is told, and may be told more than once: dispatch under the same job id. */
  readonly onOrphaned?: (orphaned: OrphanedJobs) => void | Promise<void>;
  /** Everything that happens, in order. */
  readonly onEvent?: (event: SchedulerEvent) => void | Promise<void>;
}

export function callingBack(
  { onEvent, onOrphaned }: Callbacks,
  failed: (callback: keyof Callbacks, error: unknown) => void,
): (event: SchedulerEvent) => void {
  const later = (callback: keyof Callbacks, call: () => void | Promise<void>): void => {
    Promise.resolve()
      .then(call)
      .catch((error: unknown) => failed(callback, error));
  };
  return (event) => {
    if (onEvent !== undefined) later("onEvent", () => onEvent(event));
    if (onOrphaned === undefined || event.kind !== "jobs_orphaned") return;
    const { node, jobs, because } = event;
    later("onOrphaned", () => onOrphaned({ node, jobs, because }));
  };
}
