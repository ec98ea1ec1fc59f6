/** What faults are done to, and who looks on. */
import type { RedisServer } from "../lab/redis.ts";
import type { InstanceLinks } from "./links.ts";
import type { StoreObserver } from "./observer.ts";
import type { Recorder } from "./recorder.ts";

export interface World {
  readonly redis: RedisServer;
  readonly links: readonly InstanceLinks[];
  readonly observer: StoreObserver;
  readonly recorder: Recorder;
}
