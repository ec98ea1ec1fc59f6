/**
 * For how long the servers and proxies of a run waited for a processor. A call goes through the proxy to one server and back, so that is
 * what it may have waited for besides this process: never for certain, since it may have been somebody else's call that did.
 */
import { type Frozen, type HistoryEvent, type Millis, ofKind, type Starved } from "../history.ts";

const proxy = "toxiproxy";
/** The thread of the harness, where it serves hops on the way to the servers. */
const hop = "hop";

type Wait = Omit<Starved, "kind" | "process"> & {
  /** null: a processor was taken away from any process. */
  readonly process: string | null;
};

export class Starvation {
  readonly #proxy: readonly Starved[];
  readonly #hop: readonly Starved[];
  readonly #servers: readonly (readonly Starved[])[];
  /** All processors, as a thread saw it that was late; and each, as the host says. */
  readonly #frozen: readonly Wait[];
  readonly #kept: readonly Wait[];
  readonly #longest: Wait | null;

  constructor(history: readonly HistoryEvent[]) {
    const sorted = [...ofKind(history, "starved")].sort((a, b) => a.at - b.at);
    const { [proxy]: ofProxy = [], [hop]: ofHop = [], ...servers } = Object.groupBy(sorted, ({ process }) => process);
    this.#proxy = ofProxy;
    this.#hop = ofHop;
    this.#servers = Object.values(servers).filter((each) => each !== undefined);
    const { frozen = [], kept = [] } = Object.groupBy(ofKind(history, "frozen"), ({ processor }) =>
      processor === undefined ? "frozen" : "kept",
    );
    this.#frozen = frozen.map(waitOfAll);
    this.#kept = kept.map(waitOfAll);
    this.#longest = [...sorted, ...this.#frozen, ...this.#kept].reduce<Wait | null>(
      (most, each) => (each.waited > (most?.waited ?? 0) ? each : most),
      null,
    );
  }

  /**
   * The most that they can have kept waiting what went through them from `from` to `to`: the proxy, the hop, and that server which waited for longest; or
   * any of them while the host had the processor that it was on, which need not be the same for two of them.
   */
  within(from: Millis, to: Millis): Millis {
    const servers = this.#servers.map((each) => waitWithin(each, from, to));
    const inLine = waitWithin(this.#proxy, from, to) + waitWithin(this.#hop, from, to) + Math.max(0, ...servers);
    const frozen = Math.max(waitWithin(this.#frozen, from, to), waitWithin(this.#kept, from, to));
    return Math.min(Math.max(inLine, frozen), Math.max(0, to - from));
  }

  /** The longest wait of the run; null: none waited for a processor, or the system does not report it. */
  get longest(): Wait | null {
    return this.#longest;
  }
}

/** Sums the waits. A wait that reaches beyond the interval may have been inside, so it counts as far as it fits. */
function waitWithin(waits: readonly Wait[], from: Millis, to: Millis): Millis {
  return waits.reduce((sum, { at, since, waited }) => {
    return sum + Math.max(0, Math.min(waited, Math.min(at, to) - Math.max(since, from)));
  }, 0);
}

function waitOfAll({ at, lasted, since }: Frozen): Wait {
  return { at, since, waited: lasted, process: null };
}
