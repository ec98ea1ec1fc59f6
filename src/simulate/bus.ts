/** Takes each event to whoever hears it: the trace hears all, a judge what it has asked for. */
import type { SchedulerEvent } from "../scheduler/events.ts";
import type { SimEvent, SimEventKind } from "./events.ts";

/** A kind of event; `scheduler` alone is all that instances say of themselves, `scheduler.<kind>` one kind of it. */
export type Heard = SimEventKind | `scheduler.${SchedulerEvent["kind"]}`;

export interface Listener {
  readonly hears: readonly Heard[];
  on(event: SimEvent): void;
}

export class Bus {
  readonly #all: readonly Listener[];
  readonly #byKind = new Map<string, Listener[]>();
  readonly #bySaying = new Map<string, Listener[]>();
  readonly #most: number;
  #count = 0;

  /** @param all hear everything, before the others
   * @param most of the events the others hear: the first so many
   */
  constructor(all: readonly Pick<Listener, "on">[], listeners: readonly Listener[], most = Number.POSITIVE_INFINITY) {
    this.#most = most;
    this.#all = all.map((listener) => ({ hears: [], on: (event) => listener.on(event) }));
    for (const listener of listeners) {
      for (const heard of listener.hears) this.#add(heard, listener);
    }
  }

  /** Events so far. */
  get count(): number {
    return this.#count;
  }

  emit(event: SimEvent): void {
    this.#count += 1;
    for (const listener of this.#all) listener.on(event);
    if (this.#count > this.#most) return;
    const own = this.#byKind.get(event.kind);
    if (own !== undefined) for (const listener of own) listener.on(event);
    if (event.kind !== "scheduler") return;
    const said = this.#bySaying.get(event.what.kind);
    if (said !== undefined) for (const listener of said) listener.on(event);
  }

  #add(heard: Heard, listener: Listener): void {
    const isSaying = heard.startsWith("scheduler.");
    const table = isSaying ? this.#bySaying : this.#byKind;
    const key = isSaying ? heard.slice("scheduler.".length) : heard;
    const known = table.get(key);
    if (known === undefined) table.set(key, [listener]);
    else known.push(listener);
  }
}
