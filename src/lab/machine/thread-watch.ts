/**
 * A timer on the thread of an instance. At every tick the kernel reports what the thread did since the last one: ran, waited for a processor, or slept.
 * The thread belongs to the instance alone, so its run time, including garbage collections, is the instance's own. V8 may let it sleep until a helper
 * thread has reached a safe point; that thread may be starved of CPU on a loaded machine, so the other threads are read too.
 */
import { type OwnThread, ThreadFiles, type ThreadTime, timeBetween } from "./thread-time.ts";

type Millis = number;

/** ms, less than any bound that is judged. */
const every = 2;
/** A tick that is later than this, or before which the thread waited longer, is recorded. Less is within the resolution of timers and of the kernel. */
const latest: Millis = 1;
const longestWait: Millis = 0.2;

/** In ticks, between two reads of the other threads, which take ten times as long as one of this thread. */
const othersEvery = 10;

/** From one tick to the next. `ran` and `waited` are absent where the kernel does not report them. */
export interface Tick {
  readonly since: Millis;
  readonly at: Millis;
  /** How late the tick was. */
  readonly lasted: Millis;
  readonly ran?: Millis;
  readonly waited?: Millis;
  /** How long other threads of the process, for which this one may have slept, waited for a processor; absent: not at all. */
  readonly others?: Millis;
}

export interface ThreadWatch {
  readonly thread: OwnThread | null;
  now(): Millis;
  record(tick: Tick): void;
}

/** Records until disposed, which records the time since the last tick. */
export function watchThread({ now, record, thread }: ThreadWatch): Disposable {
  const helpers = new Helpers();
  let last = now();
  let before = thread?.time() ?? null;
  const tick = (): void => {
    const at = now();
    const after = thread?.time() ?? null;
    const lasted = Math.max(0, at - last - every);
    const spent = spentBetween(before, after);
    if (lasted >= latest || (spent.waited ?? 0) >= longestWait) {
      const slept = Math.max(0, lasted - (spent.ran ?? 0) - (spent.waited ?? 0));
      const others = slept < latest ? 0 : rounded(Math.min(slept, helpers.waited()));
      record({ since: last, at, lasted, ...spent, ...(others > 0 ? { others } : {}) });
    }
    helpers.tick();
    last = at;
    before = after;
  };
  const timer = setInterval(tick, every);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      tick();
      helpers[Symbol.dispose]();
    },
  };
}

/** The other threads of the process: V8's. */
class Helpers implements Disposable {
  readonly #files = new ThreadFiles(process.pid, "all");
  #before = this.#files.times();
  #ticks = 0;

  /** How long they waited for a processor, all together, since the last read. */
  waited(): Millis {
    const before = this.#before;
    this.#before = this.#files.times();
    this.#ticks = 0;
    return [...this.#before].reduce((sum, [thread, time]) => {
      return sum + (thread === process.pid ? 0 : timeBetween(before.get(thread), time).waited);
    }, 0);
  }

  tick(): void {
    this.#ticks += 1;
    if (this.#ticks >= othersEvery) this.waited();
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }
}

/** Empty where the kernel does not report it. */
export function spentBetween(before: ThreadTime | null, after: ThreadTime | null): Partial<ThreadTime> {
  if (before === null || after === null) return {};
  const { ran, waited } = timeBetween(before, after);
  return { ran: rounded(ran), waited: rounded(waited) };
}

/** To a microsecond. */
function rounded(value: Millis): Millis {
  return Math.round(value * 1_000) / 1_000;
}
