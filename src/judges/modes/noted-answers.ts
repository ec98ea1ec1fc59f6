/**
 * Part of D5, where a call to the store may be noted a little after the answer that it confirmed (real servers): an instance that is well answers a read `stale`
 * only when its time to ask is over, and a selection not at all; and no answer is younger than the last request that was answered. Each answer is judged once all
 * that came with it is noted.
 */
import type { Call, Millis } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import type { Settled } from "../event.ts";
import type { Case } from "../judge.ts";
import type { Confirmations } from "./confirmations.ts";

type Noted = Call & { readonly to: Millis };

interface Ports {
  /** Whether the instance was in normal while it was asked, loads nothing anew, and nothing had been done to it for a while. */
  readonly isWell: (call: Noted) => boolean;
  readonly untrue: (call: Noted, found: string, truth: string) => void;
}

interface Standing {
  /** When a call to the store last failed, and when a partition was last loaded anew, or began to be. */
  failedAt: Millis;
  loadedAt: Millis;
}

/** So long after a load an instance may be at another one, of which nothing was noted. */
const settling: Millis = 100;
/** So long after a failure or a load every partition has been confirmed again: polls are more frequent. */
const calm: Millis = 1_200;

export class NotedAnswers {
  readonly #case: Case;
  readonly #confirmations: Confirmations;
  readonly #ports: Ports;
  readonly #standings: readonly Standing[];
  /** In the order in which they came. */
  readonly #open: Noted[] = [];
  #judged = 0;

  constructor(theCase: Case, confirmations: Confirmations, ports: Ports) {
    this.#case = theCase;
    this.#confirmations = confirmations;
    this.#ports = ports;
    const never = Number.NEGATIVE_INFINITY;
    this.#standings = Array.from({ length: theCase.instances }, () => ({ failedAt: never, loadedAt: never }));
  }

  add(call: Noted): void {
    this.#open.push(call);
  }

  settled({ at, instance, outcome }: Settled): void {
    const own = this.#standings[instance];
    if (own !== undefined && outcome !== "answered") own.failedAt = at;
  }

  loaded(instance: number, at: Millis): void {
    const own = this.#standings[instance];
    if (own !== undefined) own.loadedAt = at;
  }

  /** Judges those to which nothing that is noted from `at` on belongs. */
  until(at: Millis): void {
    const { grain } = this.#case.timing;
    while (this.#judged < this.#open.length) {
      const call = this.#open[this.#judged];
      if (call === undefined || call.to + grain >= at) break;
      this.#judged += 1;
      if (call.stale === true) this.#judgeSelection(call);
      if (call.read?.stale === true) this.#judgeRead(call);
      this.#judgeAge(call);
    }
    if (this.#judged < this.#open.length) return;
    this.#open.length = 0;
    this.#judged = 0;
  }

  #judgeAge(call: Noted): void {
    const { from, instance, read } = call;
    const age = read?.age_ms ?? -1;
    const latest = this.#confirmations.lastSent(instance);
    // An answer counts from a moment right before its request is sent.
    if (age < 0 || latest === Number.NEGATIVE_INFINITY || from - age <= latest + this.#case.timing.rounding) return;
    this.#ports.untrue(call, `age_ms ${inMs(age)}`, `no request that was answered was sent after ${inMs(latest)}`);
  }

  #judgeRead(call: Noted): void {
    const { from, instance, to } = call;
    const { terms, timing } = this.#case;
    const own = this.#standings[instance];
    if (own === undefined || terms.readLimit === undefined || to - from > terms.readLimit - timing.grain) return;
    if (own.failedAt >= from - timing.grain || own.loadedAt >= from - settling || !this.#ports.isWell(call)) return;
    this.#ports.untrue(call, "stale: true", "the instance was in normal, under no fault, and had time left to ask");
  }

  #judgeSelection(call: Noted): void {
    const { from, instance, to } = call;
    const { terms, timing } = this.#case;
    const own = this.#standings[instance];
    const since = from - calm;
    if (own === undefined || terms.readLimit === undefined || Math.max(own.failedAt, own.loadedAt) >= since) return;
    if (timing.kept(instance, since, to) >= terms.readLimit || !this.#ports.isWell(call)) return;
    this.#ports.untrue(call, "stale: true", "the instance was in normal, under no fault, and followed every partition");
  }
}
