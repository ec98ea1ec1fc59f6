/** What faults are done to, and who looks on. */
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
  /** What the store's keys begin with. */
  readonly prefix: string;
  /** A fault that has met nobody yet waits for its occasion until then. Absent: no fault waits. */
  readonly loadEnds?: Millis;
  /** Over the line protocol. Absent: of each call of an instance to Redis there is an event. */
  readonly tellsNoStoreCalls?: boolean;
}
