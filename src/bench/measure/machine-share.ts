/** How much of an interval the machine took from a thread and from the server that it calls, as the kernel measured it. Only this is subtracted. */
import type { HistoryEvent, Millis } from "../../check/history.ts";
import { Stalls } from "../../check/timing/stall.ts";
import { Starvation } from "../../check/timing/starvation.ts";
import { StolenTime } from "../../lab/machine/stolen-time.ts";
import { OwnThread, ThreadFiles, type ThreadTime, timeBetween } from "../../lab/machine/thread-time.ts";
import { watchThread } from "../../lab/machine/thread-watch.ts";

/** ms between two reads of the server's thread and of the processors. */
const every = 4;
/** The number of this process's thread among instances. */
const here = 0;

/** Records from its construction on. */
export class MachineShare implements Disposable {
  readonly #events: HistoryEvent[] = [{ kind: "hosted", at: 0, instance: here, life: 1 }];
  readonly #watches = new DisposableStack();
  #measured: { readonly stalls: Stalls; readonly starvation: Starvation } | null = null;

  /** @param server the process of the server that is called */
  constructor(server: number) {
    const now = (): Millis => performance.now();
    const thread = OwnThread.open();
    if (thread !== null) this.#watches.use(thread);
    const record = (tick: Parameters<Parameters<typeof watchThread>[0]["record"]>[0]): void => {
      this.#events.push({ kind: "stall", instance: here, ...tick });
    };
    this.#watches.use(watchThread({ now, thread, record }));
    this.#watchServer(server, now);
    this.#watchProcessors(now);
  }

  /** At most the whole of it. */
  within(from: Millis, to: Millis): Millis {
    this.#measured ??= this.#end();
    const { stalls, starvation } = this.#measured;
    return Math.min(stalls.perhapsMachines(from, to, here) + starvation.within(from, to), Math.max(0, to - from));
  }

  [Symbol.dispose](): void {
    this.#watches.dispose();
  }

  #end(): { readonly stalls: Stalls; readonly starvation: Starvation } {
    this.#watches.dispose();
    return { stalls: new Stalls(this.#events), starvation: new Starvation(this.#events) };
  }

  #watchServer(server: number, now: () => Millis): void {
    const files = this.#watches.use(new ThreadFiles(server, "first"));
    const timeOf = (): ThreadTime | undefined => files.times().get(server);
    let [since, before] = [now(), timeOf()];
    this.#watch(() => {
      const [at, after] = [now(), timeOf()];
      const waited = before === undefined || after === undefined ? 0 : timeBetween(before, after).waited;
      if (waited > 0)
        this.#events.push({ kind: "starved", process: "redis-0", since: Math.min(since, at - waited), at, waited });
      [since, before] = [at, after];
    });
  }

  #watchProcessors(now: () => Millis): void {
    const stolen = StolenTime.open(now());
    if (stolen === null) return;
    this.#watches.use(stolen);
    this.#watch(() => {
      for (const kept of stolen.look(now())) this.#events.push({ kind: "frozen", ...kept });
    });
  }

  /** The last read comes when the watch ends. */
  #watch(look: () => void): void {
    const timer = setInterval(look, every);
    this.#watches.defer(() => {
      clearInterval(timer);
      look();
    });
  }
}
