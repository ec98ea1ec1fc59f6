/** Events of an instance itself; those of what it asks and answers are in ../event.ts. */
import type { Millis } from "../../check/history.ts";
import type { InstanceEvent } from "./counted-as.ts";

export interface ModeChanged {
  readonly kind: "mode";
  readonly at: Millis;
  /** It was seen from outside: the mode changed at some moment from then to `at`. Absent: at `at`. */
  readonly since?: Millis;
  readonly instance: number;
  readonly from: string;
  readonly to: string;
  readonly cause: string;
}

export interface InstanceChanged {
  readonly kind: "instance";
  readonly at: Millis;
  readonly instance: number;
  /** `closing`: its `close` has been called; it serves no more until it is `started` again. */
  readonly state: "started" | "crashed" | "paused" | "resumed" | "closing";
  /** The mode in which one that had started before it was looked at was found; absent: it begins with nothing loaded. */
  readonly mode?: string;
}

/** The `close` of an instance has ended, or it is looked at again before its process ends: what it has left. */
export interface Closed {
  readonly kind: "closed";
  readonly at: Millis;
  readonly instance: number;
  readonly timers: number;
  readonly connections: number;
}

/** An instance has computed for long without a break. Only of runs that charge for what is computed. */
export interface Computed {
  readonly kind: "computed";
  readonly at: Millis;
  readonly instance: number;
  readonly took: Millis;
  /** The client call, timer or message that began it. */
  readonly cause: string;
}

/** An instance has emitted an event for its observers. */
export interface Emitted {
  readonly kind: "emitted";
  readonly at: Millis;
  readonly instance: number;
  readonly what: InstanceEvent;
}

/** The values that the metrics of one life of an instance have counted by now. */
export interface Counted {
  readonly kind: "counted";
  readonly at: Millis;
  readonly instance: number;
  /** Counted from 1, for each instance. */
  readonly life: number;
  /** By series: `name{label=value,…}`, labels in alphabetical order, without that of the scheduler. */
  readonly counters: ReadonlyMap<string, number>;
}
