/** Events of a history about single replies and messages between an instance and Redis that a hop withheld or saw. */
import type { Millis } from "../protocol/time.ts";

/** The reply of one call was withheld by us, after Redis had run it. */
export interface LostReply {
  readonly kind: "lost_reply";
  readonly at: Millis;
  readonly instance: number;
  readonly script: string;
  readonly node: string;
  readonly job: string;
  /** The reply's first word, which the client never saw. */
  readonly reply: string;
}

/** A message of the feed that was dropped on its way to an instance, and what it said: `<epoch>:<sequence>`, or what another system publishes. */
export interface LostWakeUp {
  readonly kind: "lost_wake_up";
  readonly at: Millis;
  readonly instance: number;
  readonly version: string;
}

/** Redis refused a call of an instance, as the hop on the way back saw; not of a hosted instance, which reports its calls itself. */
export interface Refused {
  readonly kind: "refused";
  readonly at: Millis;
  readonly instance: number;
  /** As of a call: `busy`, `loading`, `out_of_memory`, `readonly`, `wrong_type`. */
  readonly cause: string;
}

/** Redis closed a connection that an instance uses, as the hop before it saw; not of a hosted instance. */
export interface Closed {
  readonly kind: "closed";
  readonly at: Millis;
  readonly instance: number;
  readonly link: "commands" | "feed";
}
