/** Takes down what happens in a run, in memory; times count from the start of the load. */
import type { HistoryEvent, Millis } from "../check/history.ts";
import type { Observation } from "../check/observation.ts";

export class Recorder {
  #origin = performance.now();
  #isOpen = false;
  readonly #events: HistoryEvent[] = [];
  readonly #observations: Observation[] = [];
  #calls = 0;

  now(): Millis {
    return performance.now() - this.#origin;
  }

  /** A time of the machine's wall clock, in ms since 1970, on the clock of the run. */
  atWallClock(time: number): Millis {
    return time - performance.timeOrigin - this.#origin;
  }

  /** The load begins: time is 0 now, and from here on everything is part of the history. */
  begin(): void {
    const before = this.now();
    this.#origin = performance.now();
    this.#isOpen = true;
    const seen = this.#observations.splice(0).map((one) => ({ ...one, at: one.at - before }));
    this.#observations.push(...seen);
    this.event({ kind: "phase", at: 0, name: "load" });
  }

  /** The next call's number. */
  nextCall(): number {
    this.#calls += 1;
    return this.#calls;
  }

  event(event: HistoryEvent): void {
    if (this.#isOpen) this.#events.push(event);
  }

  /** Also before the load begins: the truth has to be known from its first version on. */
  observed(observation: Observation): void {
    this.#observations.push(observation);
  }

  get events(): readonly HistoryEvent[] {
    return this.#events;
  }

  get observations(): readonly Observation[] {
    return this.#observations;
  }
}
