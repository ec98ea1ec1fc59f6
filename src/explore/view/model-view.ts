/** The view of a model: it makes a timeline of steps that are only names and fields. */
import type { Lane, LaneState, TimelineEvent } from "../../evidence/timeline.ts";

/** A message in flight in a state. Equal keys in two consecutive states mean the same message, still in flight. */
export interface InFlightMessage {
  readonly key: string;
  readonly from: Lane["id"];
  readonly to: Lane["id"];
  readonly words: string;
}

/** One step. */
export interface Act {
  readonly lane: Lane["id"];
  readonly kind: TimelineEvent["kind"];
  readonly words: string;
  /** The keys of the messages that it ends. A message that is gone from a state otherwise was dropped by the normal form: it is in flight still. */
  readonly takes: readonly string[];
  readonly ends: "arrived" | "lost";
  /** The sender, where it is not the one that the message names: a mutant may send in another's name. */
  readonly sender?: Lane["id"];
  /** The key of a message that arrived and is in flight still. */
  readonly repeats?: string;
  /** The messages that were sent and arrived, or were lost, within the step. */
  readonly within: readonly Within[];
}

export interface Within extends Omit<InFlightMessage, "key"> {
  readonly isLost?: boolean;
}

export interface StepTaken {
  readonly action: string;
  readonly args: readonly unknown[];
}

/** Pure: it only describes states. */
export interface ModelView<State> {
  readonly lanes: readonly Lane[];
  /** One a lane, in their order. */
  holds(state: State): readonly LaneState[];
  inFlight(state: State): readonly InFlightMessage[];
  act(step: StepTaken, before: State, after: State): Act;
}
