/** How much of a delay in a recorded run is not the scheduler's: what its machine is known to have taken, and what was done to the instance itself. */
import { Absences } from "../../check/faults/absences.ts";
import { type Call, type HistoryEvent, type Millis, ofKind, type StoreCall } from "../../check/history.ts";
import { inMs, type Judgement, type Trial } from "../../check/judgement.ts";
import { disturbance, Noise } from "../../check/timing/noise.ts";
import { pauseMeasures } from "../../check/timing/pauses.ts";
import { pipeMeasures } from "../../check/timing/pipe.ts";
import { mildest, Stalls, timerGrain } from "../../check/timing/stall.ts";
import type { ModeChanged } from "../event.ts";
import type { Blame, LateReturn, Timing } from "../timing.ts";

export class RecordedTiming implements Timing {
  readonly grain: Millis = timerGrain;
  /** Before the load begins it is not watched whether the process is suspended. */
  readonly watchedSince: Millis = 0;
  readonly measures: Judgement["measures"];
  readonly rounding: Millis = 1;
  /** As long as a read may take: a machine is never as quick as at once. */
  readonly atOnce: Millis;
  /** Faults begin and heal when the machine gets round to it, so it may have taken the time that the plan leaves. */
  readonly cutShort = "machine";
  readonly #stalls: Stalls;
  readonly #noise: Noise;
  readonly #history: Trial["history"];
  #long: Noise | undefined;
  readonly #failed: readonly StoreCall[];
  readonly #absences: Absences;

  constructor(trial: Trial) {
    const { bounds, history, instances } = trial;
    this.atOnce = bounds.budget;
    this.#stalls = new Stalls(history);
    this.#noise = new Noise(history);
    this.#history = history;
    this.#failed = ofKind(history, "store_call").filter(({ outcome }) => outcome !== "answered");
    this.#absences = new Absences(history, instances);
    this.measures = [...pauseMeasures(trial), ...pipeMeasures(trial)];
  }

  get openText(): string {
    return `late by no more than the process paused (longest ${inMs(this.#stalls.longest)})`;
  }

  /** An instance that was away has stalls that say so, so that all of the time counts here. */
  ran(_: number, from: Millis, to: Millis): Millis {
    return Math.max(0, to - from);
  }

  kept(instance: number, from: Millis, to: Millis): Millis {
    return this.#stalls.kept(from, to, instance);
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
    const failed = this.#failed.filter((call) => call.instance === instance && call.to > from && call.to <= to);
    const byTime = late > 0 ? this.#noise.blameForLate(late, from, to, instance) : "instance";
    return mildest([byTime, this.#noise.blameForAll(failed)]);
  }

  get longestWait(): string | null {
    return this.#noise.worstWait;
  }

  blameForDeparture(change: ModeChanged): Blame {
    return this.#noise.blameForDeparture(change);
  }

  blameForAbsence(left: ModeChanged, until: Millis): Blame {
    return this.#noise.blameForAbsence(left, until);
  }

  /**
   * The machine's where that was disturbed within the bound, and the instance was not away for twice as long, unless it is known what the disturbance took
   * (a hosted instance); where the machine took from the process, or perhaps from the servers and the proxy, what the bound was exceeded by; or where each
   * call that failed meanwhile, one at least, failed because of it, and the instance was back, or no longer waited for, within the bound after the last of them.
   */
  blameForReturn(late: LateReturn): Blame {
    return this.#blameForReturn(late, this.#noise);
  }

  isReturnMarginal(late: LateReturn): boolean {
    return this.blameForReturn(late) !== "instance" && this.#blameForReturn(late, this.#longWaits) === "instance";
  }

  /** @param waits what counts as the time that the machine took */
  #blameForReturn({ bound, instance, since, took, until }: LateReturn, waits: Noise): Blame {
    const noise = this.#noise;
    const failed = this.#failed.filter((call) => call.instance === instance && call.from >= since && call.to <= until);
    const last = failed.reduce((latest, { to }) => Math.max(latest, to), Number.NEGATIVE_INFINITY);
    const isNearTheBound = took <= 2 * bound && !noise.isMeasured(instance);
    return mildest([
      isNearTheBound ? noise.blame(since + bound, bound, instance) : "instance",
      until > since + bound ? waits.blameForLate(until - since - bound, since, until, instance) : "instance",
      until - last <= bound ? noise.blameForAll(failed) : "instance",
    ]);
  }

  /** The same disturbances without waits of a moment. */
  get #longWaits(): Noise {
    this.#long ??= new Noise(this.#history.filter((event) => !isMomentary(event)));
    return this.#long;
  }

  blameWithServers(late: Millis, from: Millis, to: Millis, instance: number): Blame {
    return this.#noise.blameForLate(late, from, to, instance);
  }

  isMarginal(late: Millis, from: Millis, to: Millis, instance: number): boolean {
    return this.#stalls.isMarginal(late, from, to, instance);
  }

  waitText(instance: number, from: Millis, to: Millis): string {
    return `the process paused for ${inMs(this.kept(instance, from, to))} of that time`;
  }
}

function isMomentary(event: HistoryEvent): boolean {
  if (event.kind === "starved") return event.waited < disturbance;
  return (event.kind === "stall" || event.kind === "frozen") && event.lasted < disturbance;
}
