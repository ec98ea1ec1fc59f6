/** How long the process paused: what a late answer may be blamed on, as far as it is known to be no instance's own doing. */
import type { Frozen, HistoryEvent, Millis, Stall } from "../history.ts";
import { ofKind } from "../history.ts";
import { Starvation } from "./starvation.ts";

/**
 * A delay that may go unseen between two ticks (2 ms): the turn of the loop in which a timer fires, and the turn of I/O
 * that a deadline gives a reply before it gives up. So a timer this late says nothing.
 */
export const timerGrain: Millis = 5;

/**
 * The time that a machine may take from a thread without reporting it, for an instance that shares its thread with
 * others: the kernel of a virtual machine says that the thread ran, and `steal` stays as it was.
 * Measured on 2026-11-28: single writes to a socket of 10 ms, and 45 ms in a row for work that usually takes 3 ms.
 */
const marginal: Millis = 50;
/** The same for an instance with a thread of its own: a collection of its garbage, or the host, takes about as long as a timer may be late. */
const marginalOfHosted: Millis = 5;

/** The cause of a lateness. `unclear`: it may be the machine, and may be the instance. */
export type Blame = "machine" | "unclear" | "instance";

/** Returns the cause of one lateness that has several reasons, any of which is enough. */
export function mildest(blames: readonly Blame[]): Blame {
  const order: readonly Blame[] = ["machine", "unclear"];
  return order.find((blame) => blames.includes(blame)) ?? "instance";
}

/** Returns the cause of several latenesses, each of which has to be excused. `instance` where there are none. */
export function harshest(blames: readonly Blame[]): Blame {
  if (blames.length === 0 || blames.includes("instance")) return "instance";
  return blames.includes("unclear") ? "unclear" : "machine";
}

type Share = (stall: Stall) => Millis;

/** Something that was so for a part of the time from `since` to `at`. */
interface Spread {
  readonly since: Millis;
  readonly at: Millis;
}

/** A call of a hosted instance, as it was measured around the scheduler. */
interface MeasuredCall {
  readonly instance: number;
  readonly from: Millis;
  readonly to: Millis;
  readonly ran?: Millis | undefined;
  readonly waited?: Millis | undefined;
}

export class Stalls {
  /** By instance, where it is a process of its own; under null those of the process that runs the load. In order. */
  readonly #stalls: ReadonlyMap<number | null, readonly Stall[]>;
  /** Whether instances are processes of their own: then nothing that the process that runs the load did was theirs. */
  readonly #areApart: boolean;
  /** Instances with a process that asks the kernel about its thread: only measured causes excuse their lateness. */
  readonly #hosted: ReadonlySet<number>;
  /** By processor; under undefined those of a thread that was late. In order. */
  readonly #frozen: readonly (readonly Frozen[])[];
  readonly #starvation: Starvation;

  constructor(history: readonly HistoryEvent[]) {
    this.#starvation = new Starvation(history);
    this.#hosted = new Set(ofKind(history, "hosted").map(({ instance }) => instance));
    const frozen = [...Map.groupBy(ofKind(history, "frozen"), ({ processor }) => processor).values()];
    this.#frozen = frozen.map((each) => each.sort((a, b) => a.at - b.at));
    const sorted = ofKind(history, "stall")
      .map((stall) => (this.#isHosted(stall.instance) ? stall : withoutFrozen(stall, frozen)))
      .sort((a, b) => a.at - b.at);
    this.#stalls = Map.groupBy(sorted, ({ instance }) => instance ?? null);
    this.#areApart = history.some(({ kind }) => kind === "system" || kind === "hosted");
  }

  /**
   * For how much of the time from `from` to `to` the process is known to have paused, for any reason, and with an instance that is a
   * process of its own, that one too.
   */
  within(from: Millis, to: Millis, instance?: number): Millis {
    return this.#sum(from, to, instance, ({ lasted }) => lasted);
  }

  /**
   * The most of the time from `from` to `to` for which the machine kept an instance from running. Of one in a process of its own, whose waits for a processor are
   * known, that is what it waited; and what a processor was held up, which the kernel may count as run: a thread that only waits for a timer shows that, too.
   */
  kept(from: Millis, to: Millis, instance: number): Millis {
    const own = this.#stalls.get(instance);
    if (!this.#areApart || this.#isHosted(instance) || own === undefined) return this.within(from, to, instance);
    const asleep = sumWithin(this.#stalls.get(null) ?? [], from, to, ({ lasted, ran, waited }) =>
      ran === undefined || waited === undefined ? lasted : Math.max(0, lasted - ran - waited),
    );
    const heldUp = Math.max(asleep, this.#frozenWithin(from, to));
    return Math.min(sumWithin(own, from, to, ({ lasted }) => lasted) + heldUp, Math.max(0, to - from));
  }

  /**
   * Attributes that an instance was `late` by so much, in something that took from `from` to `to`. The machine did as far as threads waited for a processor;
   * and, where the instance is a process of its own, as far as the process that looks at it did not look. What a thread itself ran
   * for is never the machine's: an instance in this process may have done it. It leaves it open where it did neither, since it slept, or the
   * host had the processor, also where the kernel says that it ran; where it slept for a thread of its own that waited for a processor; where it collected
   * garbage of any origin; and where it was at work for the harness, which shares the thread with what it looks at.
   */
  blame(late: Millis, from: Millis, to: Millis, instance?: number): Blame {
    if (instance !== undefined && this.#isHosted(instance)) {
      return this.#blameHosted(late, { instance, from, to, waited: this.#waited(from, to, instance) });
    }
    const machines = this.#sum(from, to, instance, (stall) => this.#machines(stall));
    if (machines > 0 && machines >= late) return "machine";
    const perhaps = this.perhapsMachines(from, to, instance);
    return perhaps > 0 && perhaps >= late ? "unclear" : "instance";
  }

  /** The same of a call; what its thread waited for meanwhile was measured around it where the instance is a hosted one. */
  blameForCall(late: Millis, call: MeasuredCall): Blame {
    const { from, instance, ran, to, waited = this.#waited(from, to, instance) } = call;
    return this.#isHosted(instance)
      ? this.#blameHosted(late, { instance, from, to, ran, waited })
      : this.blame(late, from, to, instance);
  }

  /**
   * The time for which its thread ran or slept is the instance's: it chose what to wait for. The time for which the
   * thread was ready without a processor is the machine's. Perhaps the machine's are known pauses of processors, since
   * it is not known which one the thread was on, the time that helper threads waited while it slept, and half of what it ran where it waited for
   * longer: with so many threads ready, the two of a core share it, and the kernel counts all of that as run.
   */
  #blameHosted(
    late: Millis,
    { from, instance, to, ran = this.#ran(from, to, instance), waited = 0 }: MeasuredCall,
  ): Blame {
    if (waited > 0 && waited >= late) return "machine";
    const shared = waited >= ran ? ran / 2 : 0;
    const perhaps = this.#helpersWaited(from, to, instance) + this.#processorsStill(from, to, instance) + shared;
    return perhaps > 0 && waited + perhaps >= late ? "unclear" : "instance";
  }

  #isHosted(instance: number | undefined): instance is number {
    return instance !== undefined && this.#hosted.has(instance);
  }

  /** How long a hosted instance's thread waited for a processor, as far as its own clock was there to see it. */
  #waited(from: Millis, to: Millis, instance: number): Millis {
    return sumWithin(this.#stalls.get(instance) ?? [], from, to, ({ waited = 0 }) => waited);
  }

  /** How long its thread ran in pauses of its clock. */
  #ran(from: Millis, to: Millis, instance: number): Millis {
    return sumWithin(this.#stalls.get(instance) ?? [], from, to, ({ lasted, ran = 0 }) => Math.min(lasted, ran));
  }

  /** All of a pause where the system does not say what the thread did. */
  #helpersWaited(from: Millis, to: Millis, instance: number): Millis {
    return sumWithin(this.#stalls.get(instance) ?? [], from, to, ({ lasted, others = 0, waited }) =>
      waited === undefined ? lasted : others,
    );
  }

  /**
   * A host may stop one processor, and say nothing of it: then a thread that sleeps there is not woken by its timer, and another one that is ready there waits. So of
   * what the thread slept past its own tick counts what a server or proxy waited meanwhile.
   */
  #processorsStill(from: Millis, to: Millis, instance: number): Millis {
    const overslept = sumWithin(this.#stalls.get(instance) ?? [], from, to, ({ lasted, ran = 0, waited = 0 }) =>
      Math.max(0, lasted - ran - waited),
    );
    return Math.max(this.#frozenWithin(from, to), Math.min(overslept, this.#starvation.within(from, to)));
  }

  /** A thread is on one processor at a time, so it is not kept by two. */
  #frozenWithin(from: Millis, to: Millis): Millis {
    const kept = this.#frozen.map((each) => sumWithin(each, from, to, ({ lasted }) => lasted));
    return Math.min(Math.max(0, ...kept), Math.max(0, to - from));
  }

  /** Whether all that the instance's own thread did is known, so that nothing else excuses it. */
  isMeasured(instance: number): boolean {
    return this.#isHosted(instance);
  }

  /** For how much of the time from `from` to `to` the process paused, and no instance is known to have made it. */
  perhapsMachines(from: Millis, to: Millis, instance?: number): Millis {
    if (instance !== undefined && this.#isHosted(instance)) {
      // Processors that paused are counted with those of the servers (`Starvation`).
      const measured = this.#waited(from, to, instance) + this.#helpersWaited(from, to, instance);
      return Math.min(measured, Math.max(0, to - from));
    }
    return this.#sum(from, to, instance, (stall) => stall.lasted - this.#instances(stall));
  }

  /**
   * Whether something `late` by so much, in what took from `from` to `to`, was so by little, and while the thread was busy, with nothing that took it long at
   * a time: with what, the kernel of a virtual machine does not tell. What a hosted instance's thread waited for a processor does not count.
   */
  isMarginal(late: Millis, from: Millis, to: Millis, instance?: number): boolean {
    if (this.#isHosted(instance)) {
      const own = late - this.#waited(from, to, instance);
      return own <= marginalOfHosted && this.#ran(from, to, instance) >= own;
    }
    if (late > marginal || this.within(from, to, instance) < late) return false;
    const shared = overlapping(this.#stalls.get(null) ?? [], from, to);
    return shared.every((stall) => this.#instances(stall) <= marginal);
  }

  /** The same of something of ours on this thread that took from `from` to `to` and may take `allowed`: an instance that kept it waiting is no excuse. */
  blameForOurs(allowed: Millis, from: Millis, to: Millis): Blame | null {
    // No hosted instance is on this thread, and what keeps it says nothing of them: only the rest is what they may have met.
    if (this.#hosted.size > 0) return to - from - this.within(from, to) < allowed ? null : "machine";
    const took = to - from - this.#sum(from, to, undefined, (stall) => this.#instances(stall));
    if (took < allowed) return null;
    const open = this.#sum(
      from,
      to,
      undefined,
      (stall) => stall.lasted - this.#machines(stall) - this.#instances(stall),
    );
    return took - open < allowed ? "unclear" : "machine";
  }

  /** Which share of the time from `from` to `to` the process that runs the load paused. */
  share(from: Millis, to: Millis): number {
    return to > from ? this.within(from, to) / (to - from) : 0;
  }

  get longest(): Millis {
    return [...this.#stalls.values()].flat().reduce((most, { lasted }) => Math.max(most, lasted), 0);
  }

  /** Certainly. Where the system does not tell what a thread did, all of it counts so. */
  #machines({ instance, lasted, waited = lasted }: Stall): Millis {
    return this.#areApart && instance === undefined ? lasted : Math.min(lasted, waited);
  }

  /**
   * The time that the thread ran for an instance, as far as is known: it neither collected the garbage of all that
   * share it nor worked for the harness. The harness's work counts only as far as it certainly ran, had the thread
   * paused in nothing else.
   */
  #instances(stall: Stall): Millis {
    const { at, collected = 0, lasted, ours = 0, ran = 0, since } = stall;
    const ranForUs = ours - Math.max(0, at - since - ran);
    return Math.min(lasted - this.#machines(stall), Math.max(0, ran - Math.max(collected, ranForUs)));
  }

  #sum(from: Millis, to: Millis, instance: number | undefined, share: Share): Millis {
    const own = instance === undefined ? 0 : sumWithin(this.#stalls.get(instance) ?? [], from, to, share);
    return Math.min(own + sumWithin(this.#stalls.get(null) ?? [], from, to, share), Math.max(0, to - from));
  }
}

/** Reduces `ran` to the least that the thread ran, had it been on a processor that paused: it is on one at a time. */
function withoutFrozen(stall: Stall, frozen: readonly (readonly Frozen[])[]): Stall {
  if (stall.ran === undefined) return stall;
  const still = Math.max(0, ...frozen.map((each) => each.reduce((sum, one) => sum + stillIn(stall, one), 0)));
  return still === 0 ? stall : { ...stall, ran: Math.max(0, stall.ran - still) };
}

function stillIn(stall: Stall, { at, lasted, since }: Frozen): Millis {
  return Math.max(0, Math.min(lasted, Math.min(at, stall.at) - Math.max(since, stall.since)));
}

/** Sums the shares. The share of a stall that reaches beyond the interval counts as far as it fits inside. */
function sumWithin<Each extends Spread>(
  stalls: readonly Each[],
  from: Millis,
  to: Millis,
  share: (each: Each) => Millis,
): Millis {
  return overlapping(stalls, from, to).reduce((sum, stall) => {
    return sum + Math.min(share(stall), Math.min(stall.at, to) - Math.max(stall.since, from));
  }, 0);
}

function overlapping<Each extends Spread>(stalls: readonly Each[], from: Millis, to: Millis): readonly Each[] {
  const first = firstAfter(stalls, from);
  let end = first;
  while (end < stalls.length && (stalls[end]?.since ?? to) < to) end += 1;
  return stalls.slice(first, end);
}

function firstAfter(stalls: readonly Spread[], from: Millis): number {
  let low = 0;
  let high = stalls.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stalls[middle]?.at ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  return low;
}
