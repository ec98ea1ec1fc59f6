/** The user's listeners: called after the step in which something happened, so that they may call the scheduler. Their errors are logged and stop nothing. */
import type { OrphanedJobs, Scheduler } from "../scheduler/api.ts";
import type { SchedulerEvent } from "../scheduler/events.ts";

export interface Callbacks {
  /** Jobs that lost their node, to be dispatched again under the same id. Every instance calls back. One that throws or rejects has not taken them over. */
  readonly onOrphaned?: (orphaned: OrphanedJobs) => void | Promise<void>;
  /** Everything that happens, in order. */
  readonly onEvent?: (event: SchedulerEvent) => void | Promise<void>;
}

type Failed = (callback: keyof Callbacks, error: unknown) => void;

/** @returns whether it ended without an error */
function later(callback: keyof Callbacks, call: () => void | Promise<void>, failed: Failed): Promise<boolean> {
  return Promise.resolve()
    .then(call)
    .then(
      () => true,
      (error: unknown) => {
        failed(callback, error);
        return false;
      },
    );
}

export function eventListener({ onEvent }: Callbacks, failed: Failed): (event: SchedulerEvent) => void {
  if (onEvent === undefined) return () => {};
  return (event) => void later("onEvent", () => onEvent(event), failed);
}

export function reportOrphans(core: Scheduler, { onOrphaned }: Callbacks, failed: Failed): void {
  if (onOrphaned === undefined) return;
  core.onOrphaned((orphaned) => later("onOrphaned", () => onOrphaned(orphaned), failed));
}
