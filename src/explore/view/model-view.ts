/** Who plays in a model: what makes a picture of steps that are only names and fields. Every model that is to be drawn well has one. */
import type { Holding, Lane, TimelineEvent } from "../../evidence/timeline.ts";

/** Something on its way in a state. Equal keys in two states that follow each other: the same thing, on its way still. */
export interface Parcel {
  readonly key: string;
  readonly from: Lane["id"];
  readonly to: Lane["id"];
  readonly words: string;
}

/** What one step was. */
export interface Act {
  readonly lane: Lane["id"];
  readonly kind: TimelineEvent["kind"];
  readonly words: string;
  /** The keys of the parcels that it takes off their way. What is gone from a state otherwise was forgotten by the model: it is on its way still. */
  readonly takes: readonly string[];
  readonly ends: "arrived" | "lost";
  /** Who sends what it sends, where that is not whom the parcel says: a wrong design may send in another's name. */
  readonly sender?: Lane["id"];
  /** The key of a parcel that arrived and is on its way still. */
  readonly repeats?: string;
  /** What was sent and arrived, or was lost, within the step. */
  readonly within: readonly Within[];
}

export interface Within extends Omit<Parcel, "key"> {
  readonly isLost?: boolean;
}

export interface StepTaken {
  readonly action: string;
  readonly args: readonly unknown[];
}

/** All of it is pure: words about states that somebody else has. */
export interface Cast<State> {
  readonly lanes: readonly Lane[];
  /** One a lane, in their order. */
  holds(state: State): readonly Holding[];
  underway(state: State): readonly Parcel[];
  act(step: StepTaken, before: State, after: State): Act;
}
