/** How much of a delay in a recorded run is not the scheduler's: what its machine is known to have taken, and what was done to the instance itself. */
import { Absences } from "../../check/absences.ts";
import { type Call, type Millis, ofKind } from "../../check/history.ts";
import { inMs, type Judgement, type Trial } from "../../check/judgement.ts";
import { Noise } from "../../check/timing/noise.ts";
import { pipeMeasures } from "../../check/timing/pipe.ts";
import { mildest, Stalls, timerGrain } from "../../check/timing/stall.ts";
import { standstillMeasures } from "../../check/timing/standstill.ts";
import type { Blame, Timing } from "../timing.ts";

export class RecordedTiming implements Timing {
  readonly grain: Millis = timerGrain;
  /** Before the load begins nobody watches whether the process stands still. */
  readonly watchedSince: Millis = 0;
  readonly measures: Judgement["measures"];
  readonly rounding: Millis = 1;
  readonly #stalls: Stalls;
  readonly #absences: Absences;
  readonly #history: Trial["history"];
  #noise: Noise | undefined;

  constructor(trial: Trial) {
    const { history, instances } = trial;
    this.#history = history;
    this.#stalls = new Stalls(history);
    this.#absences = new Absences(history, instances);
    this.measures = [...standstillMeasures(trial), ...pipeMeasures(trial)];
  }

  get openText(): string {
    return `late by no more than the process stood still (longest ${inMs(this.#stalls.longest)})`;
  }

  /** An instance that was away has stalls that say so, so that all of the time counts here. */
  ran(_: number, from: Millis, to: Millis): Millis {
    return Math.max(0, to - from);
  }

  kept(instance: number, from: Millis, to: Millis): Millis {
    return this.#stalls.within(from, to, instance);
  }

  wasAway(instance: number, from: Millis, to: Millis): boolean {
    return this.#absences.touch(instance, from, to);
  }

  wasStopped(instance: number, from: Millis, to: Millis): boolean {
    return this.wasAway(instance, from, to);
  }

  presentSince(instance: number, at: Millis): Millis {
    return this.#absences.presentSince(instance, at);
  }

  firstPresent(instance: number, since: Millis): Millis {
    return this.#absences.firstPresent(instance, since);
  }

  blame(late: Millis, from: Millis, to: Millis, instance: number): Blame {
    return this.#stalls.blame(late, from, to, instance);
  }

  blameForCall(late: Millis, call: Call & { readonly to: Millis }): Blame {
    return this.#stalls.blameForCall(late, call);
  }

  blameForSilence(late: Millis, from: Millis, to: Millis, instance: number): Blame {
    this.#noise ??= new Noise(this.#history);
    const failed = ofKind(this.#history, "store_call").filter(
      (call) => call.instance === instance && call.outcome !== "answered" && call.to > from && call.to <= to,
    );
    const byTime = late > 0 ? this.#noise.blameForLate(late, from, to, instance) : "instance";
    return mildest([byTime, this.#noise.blameForAll(failed)]);
  }

  isSlight(late: Millis, from: Millis, to: Millis, instance: number): boolean {
    return this.#stalls.isSlight(late, from, to, instance);
  }

  waitText(instance: number, from: Millis, to: Millis): string {
    return `the process stood still for ${inMs(this.kept(instance, from, to))} of that time`;
  }
}
