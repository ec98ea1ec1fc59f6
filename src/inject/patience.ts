/**
 * The time that something may take before the load begins, when nothing is wrong with the world yet. Who is not ready in time is broken; or the
 * machine kept it waiting: time in which this thread stood in line for a processor does not count, up to a limit.
 */
import type { Millis } from "../check/history.ts";
import { inMs } from "../check/judgement.ts";
import { BrokenRunError, messageOf } from "../evidence/failure.ts";
import { OwnThread, type ThreadTime, timeBetween } from "../lab/machine/thread-time.ts";

/** In times of what is allowed. */
const atMost = 5;
/** Of the time taken; on a machine of its own the thread stands in line for a hundredth of it. */
const crowded = 0.1;

/** A run that did not get as far as its load. */
export class NotReadyError extends BrokenRunError {
  /** The thread stood in line for so much of the time that another attempt may find it ready. */
  readonly isCrowded: boolean;

  constructor(message: string, { fix, isCrowded }: { readonly fix: string; readonly isCrowded: boolean }) {
    super(message, { where: "the start of the run, before its load and any fault", fix });
    this.isCrowded = isCrowded;
  }
}

export class Patience {
  readonly #allowed: Millis;
  readonly #now: () => Millis;
  readonly #time: () => ThreadTime | null;
  readonly #since: Millis;
  readonly #before: ThreadTime | null;

  /** @param time of this thread; null: this system does not tell, and all the time counts */
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

  /** What to say of something that is not ready now. */
  ended(error: unknown): NotReadyError {
    const { took, waited } = this.#spent;
    const stood = waited > 0 ? `, ${inMs(waited)} of which this thread stood in line for a processor` : "";
    const isCrowded = waited >= took * crowded;
    const fix = isCrowded
      ? "run it again with less beside it on the machine"
      : "see what the scheduler says: nothing is wrong with its Redis at that time";
    return new NotReadyError(`${messageOf(error)}, after ${inMs(took)}${stood}`, { fix, isCrowded });
  }

  get #spent(): { readonly took: Millis; readonly waited: Millis } {
    const after = this.#time();
    const waited = after === null ? 0 : timeBetween(this.#before ?? undefined, after).waited;
    return { took: this.#now() - this.#since, waited };
  }
}

/** @throws NotReadyError where `attempt` fails when the time is over; else whatever it throws */
export async function inTime(allowed: Millis, attempt: (patience: Patience) => Promise<void>): Promise<void> {
  using thread = OwnThread.open();
  const patience = new Patience(allowed, () => thread?.time() ?? null);
  try {
    await attempt(patience);
  } catch (error) {
    throw patience.isOver ? patience.ended(error) : error;
  }
}
