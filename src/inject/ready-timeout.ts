/**
 * Timeouts before the load begins, when no fault is in force yet. A run that is not ready in time is broken. CPU starvation of this thread does not
 * count towards a timeout, up to a limit.
 */
import type { Millis } from "../check/history.ts";
import { inMs } from "../check/judgement.ts";
import { BrokenRunError, messageOf } from "../evidence/failure.ts";
import { OwnThread, type ThreadTime, timeBetween } from "../lab/machine/thread-time.ts";

/** In multiples of the timeout. */
const atMost = 5;
/** Share of the time taken; on an idle machine the thread is starved for a hundredth of it. */
const starvedShare = 0.1;

/** A run that did not reach the beginning of its load. */
export class NotReadyError extends BrokenRunError {
  /** The thread was starved for so much of the time that another attempt may succeed. */
  readonly isStarved: boolean;

  constructor(message: string, { fix, isStarved }: { readonly fix: string; readonly isStarved: boolean }) {
    super(message, { where: "the start of the run, before its load and any fault", fix });
    this.isStarved = isStarved;
  }
}

export class ReadyTimeout {
  readonly #allowed: Millis;
  readonly #now: () => Millis;
  readonly #time: () => ThreadTime | null;
  readonly #since: Millis;
  readonly #before: ThreadTime | null;

  /** @param time of this thread; null: the kernel does not report it, and all the time counts */
  constructor(allowed: Millis, time: () => ThreadTime | null, now: () => Millis = () => performance.now()) {
    this.#allowed = allowed;
    this.#now = now;
    this.#time = time;
    this.#since = now();
    this.#before = time();
  }

  get isOver(): boolean {
    const { took, waited } = this.#spent;
    return took - waited >= this.#allowed || took >= this.#allowed * atMost;
  }

  /** The error for something that is not ready now. */
  ended(error: unknown): NotReadyError {
    const { took, waited } = this.#spent;
    const starvation = waited > 0 ? `, ${inMs(waited)} of which this thread waited for a processor` : "";
    const isStarved = waited >= took * starvedShare;
    const fix = isStarved
      ? "run it again with less beside it on the machine"
      : "see what the scheduler says: nothing is wrong with its Redis at that time";
    return new NotReadyError(`${messageOf(error)}, after ${inMs(took)}${starvation}`, { fix, isStarved });
  }

  get #spent(): { readonly took: Millis; readonly waited: Millis } {
    const after = this.#time();
    const waited = after === null ? 0 : timeBetween(this.#before ?? undefined, after).waited;
    return { took: this.#now() - this.#since, waited };
  }
}

/** @throws NotReadyError where `attempt` fails after the timeout; earlier errors of `attempt` as they are */
export async function withTimeout(allowed: Millis, attempt: (timeout: ReadyTimeout) => Promise<void>): Promise<void> {
  using thread = OwnThread.open();
  const timeout = new ReadyTimeout(allowed, () => thread?.time() ?? null);
  try {
    await attempt(timeout);
  } catch (error) {
    throw timeout.isOver ? timeout.ended(error) : error;
  }
}
