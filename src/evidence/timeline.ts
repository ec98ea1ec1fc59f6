/**
 * The timeline of a counterexample: events in order, messages between participants, the state of each, and the failure.
 *
 * Every layer makes one for its counterexamples: explore from its steps, conform from the moves of a plan, simulate and inject from a history
 * (`historyTimeline`). It belongs to a `Violation`; the report draws it into a file, and `lockproof explain` prints it. Its invariants:
 *
 * - `events` are totally ordered, and nothing arrives before it was sent. An event belongs to one lane: a call (`call`), its return
 *   (`answer`), a step of the store or of the protocol (`step`), a fault injected or healed (`fault`), a change of mode (`mode`).
 * - Messages, spans, loop and `broken` refer to events by their index in `events`, from 0. Readers see the index plus one.
 * - `holds` of an event lists only the lanes with a changed state, each in full: the state of a lane at an event is the last one listed up to
 *   there. `before` is the state before the first event.
 * - Texts are for readers and may hold anything, because ids are hostile on purpose. They are escaped where they are drawn.
 */
import type { PropertyId } from "../check/properties.ts";

/** From left to right: clients and instances, what lies between, the store. */
export const laneKinds = ["node", "client", "instance", "network", "store", "model"] as const;

export interface Lane {
  /** Unique in its timeline, and never shown. */
  readonly id: string;
  /** The heading of its column: `node 0`, `store`. */
  readonly name: string;
  readonly kind: (typeof laneKinds)[number];
}

/** The state of a store, or the belief of another lane, in lines: `node 0: online, 1 job`. */
export interface LaneState {
  readonly lane: Lane["id"];
  readonly lines: readonly string[];
}

export interface TimelineEvent {
  readonly lane: Lane["id"];
  readonly kind: "step" | "call" | "answer" | "fault" | "mode";
  /** Milliseconds of the run's clock; null where there is only an order. */
  readonly at: number | null;
  /** A sentence without its subject, the lane: `asks what it has missed since 1:0`. */
  readonly words: string;
  readonly holds: readonly LaneState[];
}

/** `late`: a message sent later on the same way arrived first. `repeated`: it arrived, and will arrive again. */
export const messageOutcomes = ["arrived", "lost", "late", "repeated", "on_its_way"] as const;
export type MessageOutcome = (typeof messageOutcomes)[number];

export interface Message {
  /** The event that sent it; -1: one before the first event of the timeline. */
  readonly sent: number;
  readonly from: Lane["id"];
  /** The event at which it arrived or was lost; null: in flight at the end. */
  readonly ended: number | null;
  readonly to: Lane["id"];
  /** The label of its arrow: `reserve job 0`. */
  readonly words: string;
  readonly fate: MessageOutcome;
}

/** An interval on one lane: a call between invocation and return, or a fault in force. */
export interface Span {
  readonly lane: Lane["id"];
  readonly kind: "call" | "fault";
  readonly from: number;
  /** null: it outlasts the timeline. */
  readonly to: number | null;
  readonly words: string;
}

/** `rest`: after the last event no fair step has to happen. `round`: the events from `from` to the last one repeat for ever. */
export type Loop = { readonly kind: "rest" } | { readonly kind: "round"; readonly from: number };

/** The first event from which the violation is inevitable. It is never estimated: what was not computed is `not_computed`. */
export type PointOfNoReturn =
  /** After this event (-1: from the start), and not before, every fair continuation violates the property. */
  | { readonly kind: "inevitable"; readonly after: number; readonly why: string }
  /** Before the violation, some fair continuation always keeps the property. */
  | { readonly kind: "open"; readonly why: string }
  /** At this event the system and its model differ for the first time. */
  | { readonly kind: "parted"; readonly at: number; readonly why: string }
  | { readonly kind: "not_computed"; readonly why: string };

export interface Timeline {
  /** The run: `explore system N=1,J=2`, `conform, seed 8213`. */
  readonly title: string;
  readonly property: PropertyId;
  /** The claim that is violated. */
  readonly claim: string;
  /** The finding, and the allowed value. */
  readonly found: string;
  readonly lanes: readonly Lane[];
  readonly before: readonly LaneState[];
  readonly events: readonly TimelineEvent[];
  readonly messages: readonly Message[];
  readonly spans: readonly Span[];
  readonly loop: Loop | null;
  /** The event at which the violation shows; null: the loop as a whole, or the state before all events. */
  readonly broken: number | null;
  readonly pointOfNoReturn: PointOfNoReturn;
  /** Events that were left out to keep it small, and where. */
  readonly omitted: { readonly count: number; readonly where: string } | null;
  /** Replays the run. */
  readonly token: string;
}

/** The state of each lane after `event`; -1: before all events. */
export function statesAfter({ before, events }: Timeline, event: number): ReadonlyMap<Lane["id"], readonly string[]> {
  const holdings = [...before, ...events.slice(0, event + 1).flatMap(({ holds }) => holds)];
  return new Map(holdings.map(({ lane, lines }) => [lane, lines]));
}

export function laneName({ lanes }: Timeline, id: Lane["id"]): string {
  return lanes.find((lane) => lane.id === id)?.name ?? id;
}
