/** The servers, links and instances that faults act on, and the observer and recorder of the run. */
import type { Millis } from "../check/history.ts";
import type { Subject } from "./instances/subject.ts";
import type { InstanceLinks } from "./network/links.ts";
import type { Servers } from "./network/servers.ts";
import type { StoreObserver } from "./observe/observer.ts";
import type { Recorder } from "./observe/recorder.ts";

export interface World {
  readonly servers: Servers;
  readonly links: readonly InstanceLinks[];
  /** The instances, each in a process of its own. */
  readonly processes: readonly Subject[];
  readonly observer: StoreObserver;
  readonly recorder: Recorder;
  /** The prefix of the store's keys. */
  readonly prefix: string;
  /** A fault that had nothing to act on waits until then. Absent: no fault waits. */
  readonly loadEnds?: Millis;
}
