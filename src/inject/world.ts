/** What faults are done to, and who looks on. */
import type { InstanceLinks } from "./links.ts";
import type { StoreObserver } from "./observer.ts";
import type { ProcessInstance } from "./process-instance.ts";
import type { Recorder } from "./recorder.ts";
import type { Servers } from "./servers.ts";

export interface World {
  readonly servers: Servers;
  readonly links: readonly InstanceLinks[];
  /** The instances, where they are processes of their own; else none. */
  readonly processes: readonly ProcessInstance[];
  readonly observer: StoreObserver;
  readonly recorder: Recorder;
  /** What the store's keys begin with. */
  readonly prefix: string;
}
