/**
 * How much of a delay is not the scheduler's. In virtual time nothing is: an instance that is neither dead nor stopped runs. On a real machine a
 * thread may have waited for a processor, or a server may have.
 */
import type { Call, Millis } from "../check/history.ts";
import type { Judgement } from "../check/judgement.ts";
import type { ModeChanged, RequestEnded, Requested } from "./event.ts";

/** The cause of a delay. `unclear`: it may be the machine, and may be the instance. */
export type Blame = "machine" | "unclear" | "instance";

/** A return to `normal` that took longer than `bound`, from `since` on. */
export interface LateReturn {
  readonly instance: number;
  readonly since: Millis;
  /** When it came, or when it was no longer waited for. */
  readonly until: Millis;
  /** How long it took; infinity: it never came. */
  readonly took: Millis;
  readonly bound: Millis;
}

export interface Timing {
  /** A time that is longer than allowed by less than this is not. */
  readonly grain: Millis;
  /** Before it nothing observed what keeps an instance waiting. */
  readonly watchedSince: Millis;
  /** Text of the reason for which the machine leaves results open. */
  readonly openText: string;
  /** How late the machine itself makes things, to stand beside figures of time. */
  readonly measures: Judgement["measures"];
  /** The longest wait of anything but an instance's own thread, in words; null: no such wait is known. */
  readonly longestWait: string | null;
  /** The cause when the next fault, or the end, left an instance no time to recover; null: the plan, where faults are exact. */
  readonly cutShort: Blame | null;
  /** Times of the instance and of the store that differ by no more than this may be the same. */
  readonly rounding: Millis;
  /** How long an answer may take that waits for nothing. */
  readonly atOnce: Millis;
  /** For how much of the time from `from` to `to` the instance ran: it was neither dead nor stopped. */
  ran(instance: number, from: Millis, to: Millis): Millis;
  /** How much of the time from `from` to `to` its machine kept it from running, at the most. */
  kept(instance: number, from: Millis, to: Millis): Millis;
  /** Whether it was dead, or stopped by a fault, at some moment from `from` to `to`. */
  wasAway(instance: number, from: Millis, to: Millis): boolean;
  /** Whether it did not run at some moment from `from` to `to`, both of them included. */
  wasStopped(instance: number, from: Millis, to: Millis): boolean;
  /** When its last absence before `at` ended; minus infinity: it had none. */
  presentSince(instance: number, at: Millis): Millis;
  /** The first moment from `since` on at which it is neither dead nor stopped; infinity: it never comes back. */
  firstPresent(instance: number, since: Millis): Millis;
  /** Returns why something that lasted from `from` to `to` was late by `late`. */
  blame(late: Millis, from: Millis, to: Millis, instance: number): Blame;
  /** The same of a client's call, whose instance's thread may have been watched around it. */
  blameForCall(late: Millis, call: Call & { readonly to: Millis }): Blame;
  /** Returns why an instance learned nothing of the store from `from` to `to`, late by `late`; if its calls failed, why all of them did. */
  blameForSilence(late: Millis, from: Millis, to: Millis, instance: number): Blame;
  /** Returns why an instance left `normal`, which a missed deadline causes; the fault counts too, as far as its effect is known. */
  blameForDeparture(change: ModeChanged): Blame;
  /** The same of an instance that was away from `normal` from its departure to `until`. */
  blameForAbsence(left: ModeChanged, until: Millis): Blame;
  blameForReturn(late: LateReturn): Blame;
  /** Whether waits of a moment alone excuse it: they add up on any machine, beside timers that they do not delay. */
  isReturnMarginal(late: LateReturn): boolean;
  /** The same of what is made of calls to the store: what its servers and proxies waited for counts too. */
  blameWithServers(late: Millis, from: Millis, to: Millis, instance: number): Blame;
  /** Whether it is late by so little that one run does not show the cause. */
  isMarginal(late: Millis, from: Millis, to: Millis, instance: number): boolean;
  /** How long the machine kept the instance from running, in words for a message. */
  waitText(instance: number, from: Millis, to: Millis): string;
}

/**
 * Whether the instance may have used the answer. One that was there after the deadline may be used where the thread was kept from giving it up until then:
 * which of both it did first is not recorded.
 */
export function mayBeHeard(timing: Timing, ended: RequestEnded, { at: from, deadline }: Requested): boolean {
  const { at, instance, isAnswered, isHeard } = ended;
  return isHeard || (isAnswered && at - from - timing.kept(instance, from, at) < deadline + timing.grain);
}
