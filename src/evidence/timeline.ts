/**
 * A run as it is told and drawn: who did what, in order, what was on its way between them, what each held, and what went wrong.
 *
 * Every layer that has a counterexample makes one of these: the explorer from its steps, conform from the moves of a plan, simulate and
 * inject from a history (`historyTimeline`). It is put into a `Violation` as `timeline`; the report then writes the picture beside itself,
 * and `lockproof explain` prints it. Whoever makes one keeps to this:
 *
 * - `events` are in one order, in which nothing arrives before it was sent. An event is one thing that one lane did or that befell it:
 *   a call that was made (`call`), a call that came back (`answer`), a step of the store or of the protocol (`step`), a fault put in or
 *   healed (`fault`), a change of mode (`mode`).
 * - Messages, spans, the loop and the break name events by their index in `events`, from 0. People are shown the index plus one.
 * - `holds` of an event has only the lanes whose content has changed with it, each whole again: what a lane holds at any event is the last
 *   that was said of it, up to there. `before` says it of the time before the first event.
 * - Texts are words for people. They may hold anything (ids are hostile on purpose); escaping is done where they are drawn.
 */
import type { PropertyId } from "../check/properties.ts";

/** From left to right: those who ask, what lies between, what they ask. */
export const laneKinds = ["node", "client", "instance", "network", "store", "model"] as const;

export interface Lane {
  /** Unique in its timeline; never shown. */
  readonly id: string;
  /** Short, it heads a column: `node 0`, `store`. */
  readonly name: string;
  readonly kind: (typeof laneKinds)[number];
}

/** What a lane holds (a store) or believes (all others), a line a thing: `node 0: online, 1 job`. None: nothing. */
export interface Holding {
  readonly lane: Lane["id"];
  readonly lines: readonly string[];
}

export interface TimelineEvent {
  readonly lane: Lane["id"];
  readonly kind: "step" | "call" | "answer" | "fault" | "mode";
  /** Milliseconds of the run's clock; null where there is an order but no time. */
  readonly at: number | null;
  /** A sentence without its subject, which is the lane: `asks what it has missed since 1:0`. */
  readonly words: string;
  readonly holds: readonly Holding[];
}

/** What became of a message. `late`: something sent after it on the same way came before it. `repeated`: it arrived, and is on its way still. */
export const fates = ["arrived", "lost", "late", "repeated", "on_its_way"] as const;
export type Fate = (typeof fates)[number];

export interface Message {
  /** The event that sent it; -1: one before the first that is told. */
  readonly sent: number;
  readonly from: Lane["id"];
  /** The event with which it arrived, or was lost; null: on its way when the timeline ends. */
  readonly ended: number | null;
  readonly to: Lane["id"];
  /** Short, it stands on an arrow: `reserve job 0`. */
  readonly words: string;
  readonly fate: Fate;
}

/** Something that lasts on one lane: a call between its invocation and its return, a fault in force. */
export interface Span {
  readonly lane: Lane["id"];
  readonly kind: "call" | "fault";
  readonly from: number;
  /** null: longer than the timeline. */
  readonly to: number | null;
  readonly words: string;
}

/** `rest`: after the last event nothing ever has to happen again. `round`: from `from` on, the events to the last one repeat for ever. */
export type Loop = { readonly kind: "rest" } | { readonly kind: "round"; readonly from: number };

/** Since when it could not end well. Never a guess: what was not worked out is `not_computed`. */
export type Doom =
  /** After this event (-1: from the start) every fair continuation breaks the property, and before it not every one did. */
  | { readonly kind: "doomed"; readonly after: number; readonly why: string }
  /** After every event but those that break it, some fair continuation still keeps the property. */
  | { readonly kind: "open"; readonly why: string }
  /** With this event what was run and what it is held against part for the first time. */
  | { readonly kind: "parted"; readonly at: number; readonly why: string }
  | { readonly kind: "not_computed"; readonly why: string };

export interface Timeline {
  /** Where it comes from: `explore system N=1,J=2`, `conform, seed 8213`. */
  readonly title: string;
  readonly property: PropertyId;
  /** What was claimed. */
  readonly claim: string;
  /** What was found instead, and what would have been allowed. */
  readonly found: string;
  readonly lanes: readonly Lane[];
  readonly before: readonly Holding[];
  readonly events: readonly TimelineEvent[];
  readonly messages: readonly Message[];
  readonly spans: readonly Span[];
  readonly loop: Loop | null;
  /** The event with which it shows that the property is broken; null: the loop as a whole breaks it, or the state before all events. */
  readonly broken: number | null;
  readonly doom: Doom;
  /** Events that happened and were left out to keep it small; where, in words. */
  readonly omitted: { readonly count: number; readonly where: string } | null;
  /** Replays the run. */
  readonly token: string;
}

/** `holds` of the events up to and with `event`; -1: before all. */
export function heldAfter({ before, events }: Timeline, event: number): ReadonlyMap<Lane["id"], readonly string[]> {
  const said = [...before, ...events.slice(0, event + 1).flatMap(({ holds }) => holds)];
  return new Map(said.map(({ lane, lines }) => [lane, lines]));
}

export function laneName({ lanes }: Timeline, id: Lane["id"]): string {
  return lanes.find((lane) => lane.id === id)?.name ?? id;
}
