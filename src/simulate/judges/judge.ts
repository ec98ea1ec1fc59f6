/**
 * What decides a property while the run goes on. A judge hears the events it asks for, and does for each of them work in proportion to what
 * the event has changed, never to what the run holds: thousands of runs a minute are judged.
 */
import type { Judgement } from "../../check/judgement.ts";
import type { PropertyId } from "../../check/properties.ts";
import type { Millis } from "../../scheduler/ports.ts";
import type { Settings } from "../../scheduler/settings.ts";
import type { Processors } from "../cost/processors.ts";
import type { Plan } from "../plan/plan.ts";
import type { Listener } from "../trace/bus.ts";
import type { Scene } from "./scene.ts";

export interface OnlineJudge extends Listener {
  readonly property: PropertyId;
  /** Once, after the last event. */
  finish(): Judgement;
}

/** What a judge may know before the run begins. */
export interface Case {
  readonly plan: Plan;
  readonly settings: Settings;
  readonly instances: number;
  readonly partitions: number;
  /** How long a read may take, and how long degradation may take to be in force. */
  readonly budget: Millis;
  /** From the end of faults and load to views that equal the store. */
  readonly convergence: Millis;
  /** From healing to `normal`. */
  readonly recovery: Millis;
  /** How far behind the store an instance in `normal` may be. */
  readonly staleness: Millis;
  /** What the instances compute takes time; absent: it takes none. */
  readonly processors?: Pick<Processors, "longSteps" | "spent">;
}

/** @param scene has heard each event before the judge hears it */
export type MakeJudge = (theCase: Case, scene: Scene) => OnlineJudge;

/** Stories of one judge beyond this many are only counted. */
const mostStories = 5;

/** Violations as they are found: the first few in words. */
export class Stories {
  readonly #kept: (readonly string[])[] = [];
  #rest = 0;

  get count(): number {
    return this.#kept.length + this.#rest;
  }

  /** @param story made only if it is kept */
  add(story: () => readonly string[]): void {
    if (this.#kept.length < mostStories) this.#kept.push(story());
    else this.#rest += 1;
  }

  get all(): readonly (readonly string[])[] {
    return this.#rest === 0 ? this.#kept : [...this.#kept, [`and ${this.#rest} more like these`]];
  }
}
