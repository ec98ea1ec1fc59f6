/**
 * A clock on the thread of an instance, which asks the kernel at every tick what the thread did since the last: ran, waited for a processor, or
 * slept. The thread belongs to the instance alone, so what it ran for, collections of garbage included, is the instance's own doing. V8 may have it sleep
 * until a helper thread has come to a safe point, which stands in line for a processor on a crowded machine: so the other threads are asked too.
 */
import { type OwnThread, ThreadFiles, type ThreadTime, timeBetween } from "./thread-time.ts";

type Millis = number;

/** Finer than any bound that is judged. */
const every = 2;
/** A tick that is later than this, or before which the thread waited longer, is taken down. The rest is the grain of timers and of the kernel. */
const latest: Millis = 1;
const longestWait: Millis = 0.2;

/** In ticks: between two looks at the other threads, which take ten times as long as one at this. */
const othersEvery = 10;

/** From one tick to the next. Ran and waited are absent where the system does not tell. */
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
  tell(tick: Tick): void;
}

/** Until disposed, which takes down what has come since the last tick. */
export function watchThread({ now, tell, thread }: ThreadWatch): Disposable {
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
      tell({ since: last, at, lasted, ...spent, ...(others > 0 ? { others } : {}) });
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

  /** How long they waited for a processor, all together, since the last look. */
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

/** Nothing where the system does not tell. */
export function spentBetween(before: ThreadTime | null, after: ThreadTime | null): Partial<ThreadTime> {
  if (before === null || after === null) return {};
  const { ran, waited } = timeBetween(before, after);
  return { ran: rounded(ran), waited: rounded(waited) };
}

/** To a microsecond. */
function rounded(value: Millis): Millis {
  return Math.round(value * 1_000) / 1_000;
}
