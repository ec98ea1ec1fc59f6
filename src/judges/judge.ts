/**
 * A judge decides a property while a run goes on. It hears the events that it asks for. Its work for each of them is in proportion to what the event
 * has changed, never to what the run holds: thousands of simulated runs a minute are judged. It does not know which world it judges.
 */
import type { Op } from "../check/history.ts";
import type { Bounds, Judgement, Terms } from "../check/judgement.ts";
import type { PropertyId } from "../check/properties.ts";
import type { JudgeEvent, JudgeEventKind } from "./event.ts";
import type { OnViolation } from "./findings.ts";
import type { Scene } from "./scene.ts";
import type { Timing } from "./timing.ts";
import type { Truth } from "./truth.ts";

export interface Judge {
  readonly property: PropertyId;
  readonly hears: readonly JudgeEventKind[];
  /** The operations whose client calls it hears; absent: all. */
  readonly operations?: readonly Op[];
  on(event: JudgeEvent): void;
  /** Once, after the last event. */
  finish(): Judgement;
}

/** The context that a judge is given before the run begins. */
export interface Case {
  readonly instances: number;
  readonly partitions: number;
  /** Those whose requests to the store are observed: of another one nothing says what it asked for. */
  readonly watched: ReadonlySet<number>;
  /** Nothing is done to it, to compare a run with faults with: what is exercised by faults there is exercised by everything here. */
  readonly isControl: boolean;
  /** Whether each request of an instance for a place is observed, and its end, so that it is known which places it counts beside its view. */
  readonly arePlacesSeen: boolean;
  /** Those whose callbacks for jobs that lost their places are observed. */
  readonly reporting: ReadonlySet<number>;
  /** Whether each instance says which configuration it has taken over. */
  readonly areConfigurationsSeen: boolean;
  /** Whether each call of an instance to its store is observed as it is sent, with what it is about, and nothing else keeps an instance waiting. */
  readonly areCallsSeen: boolean;
  /** Whether anything is known of how far an instance's view of a partition comes. */
  readonly isViewSeen: (instance: number, partition: number) => boolean;
  readonly bounds: Bounds;
  readonly terms: Terms;
  readonly truth: Truth;
  readonly timing: Timing;
  /** Nothing but the store is observed: no client, and no instance. */
  readonly isStoreAlone?: true;
  /** Called with each violation when it is found. */
  readonly onViolation?: OnViolation | undefined;
  /** It has heard each event before the judge hears it. */
  readonly scene: Scene;
}

export type MakeJudge = (theCase: Case) => Judge;
