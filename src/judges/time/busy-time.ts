/** For how long each instance has had a read of its store in flight, so far. */
import type { Millis } from "../../check/history.ts";

interface Busy {
  inFlight: number;
  since: Millis;
  /** Before that. */
  total: Millis;
}

export class BusyTime {
  readonly #all: readonly Busy[];

  constructor(instances: number) {
    this.#all = Array.from({ length: instances }, () => ({ inFlight: 0, since: 0, total: 0 }));
  }

  sent(instance: number, at: Millis): void {
    const own = this.#all[instance];
    if (own === undefined) return;
    if (own.inFlight === 0) own.since = at;
    own.inFlight += 1;
  }

  settled(instance: number, at: Millis): void {
    const own = this.#all[instance];
    if (own === undefined || own.inFlight === 0) return;
    own.inFlight -= 1;
    if (own.inFlight === 0) own.total += at - own.since;
  }

  /** Its requests have no end any longer. */
  crashed(instance: number, at: Millis): void {
    const own = this.#all[instance];
    if (own === undefined || own.inFlight === 0) return;
    own.total += at - own.since;
    own.inFlight = 0;
  }

  upTo(instance: number, at: Millis): Millis {
    const own = this.#all[instance];
    if (own === undefined) return 0;
    return own.inFlight === 0 ? own.total : own.total + at - own.since;
  }
}
