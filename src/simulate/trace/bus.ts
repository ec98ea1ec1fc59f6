/** Delivers each event to its listeners: to the trace all events, to a judge those that it subscribes to. */
import type { SchedulerEvent } from "../../scheduler/events.ts";
import type { SimEvent, SimEventKind } from "./events.ts";

/** Kinds of events that mostly come from polls for changes, many times a second. */
type Frequent = "sent" | "stepped" | "settled";

/**
 * A kind of event. `scheduler` means all events that instances emit, `scheduler.<kind>` one kind of them. `<kind>.polls` means polls for changes (of
 * those that ran, only the ones in which no epoch began), which are most of a run. `<kind>.but_polls` means all others.
 */
export type Heard = SimEventKind | `scheduler.${SchedulerEvent["kind"]}` | `${Frequent}.${"polls" | "but_polls"}`;

export interface Listener {
  readonly hears: readonly Heard[];
  on(event: SimEvent): void;
}

/** The listeners to one sort of event, in the order of their registration. */
class Ears {
  readonly listeners: readonly Pick<Listener, "on">[];
  /** Looked up once: finding the method of each listener costs more than most listeners do with an event. */
  readonly #methods: readonly Listener["on"][];

  constructor(listeners: readonly Pick<Listener, "on">[]) {
    this.listeners = listeners;
    this.#methods = listeners.map(({ on }) => on);
  }

  hear(event: SimEvent): void {
    const methods = this.#methods;
    const { listeners } = this;
    for (let index = 0; index < methods.length; index += 1) {
      (methods[index] as Listener["on"]).call(listeners[index] as Listener, event);
    }
  }
}

const polls: ReadonlySet<string> = new Set(["changes_since", "check_config"]);

export class Bus {
  readonly #all: Ears;
  readonly #listeners: readonly Listener[];
  /** Kind -> its listeners; for kinds with sorts, sort -> its listeners. */
  readonly #ears = new Map<SimEventKind, Ears | Map<string, Ears>>();
  readonly #most: number;
  #count = 0;

  /** @param all hear everything, before the others
   * @param most of the events the others hear: the first so many
   */
  constructor(all: readonly Pick<Listener, "on">[], listeners: readonly Listener[], most = Number.POSITIVE_INFINITY) {
    this.#most = most;
    this.#all = new Ears(all);
    this.#listeners = listeners;
  }

  /** Events so far. */
  get count(): number {
    return this.#count;
  }

  emit(event: SimEvent): void {
    this.#count += 1;
    this.#all.hear(event);
    if (this.#count <= this.#most) this.#earsOf(event).hear(event);
  }

  /** Delivers what is no part of the run: it is not counted, and not in the trace, which does not depend on what is judged. */
  report(event: SimEvent): void {
    if (this.#count <= this.#most) this.#earsOf(event).hear(event);
  }

  #earsOf(event: SimEvent): Ears {
    const { kind } = event;
    const known = this.#ears.get(kind);
    if (known instanceof Ears) return known;
    const sort = sortOf(event);
    const ofSort = known?.get(sort ?? "");
    if (ofSort !== undefined) return ofSort;
    const name = `${kind}.${sort}`;
    const ears = new Ears(
      this.#listeners.filter(({ hears }) => hears.some((heard) => heard === kind || heard === name)),
    );
    if (sort === null) this.#ears.set(kind, ears);
    else this.#ears.set(kind, (known ?? new Map<string, Ears>()).set(sort, ears));
    return ears;
  }
}

/** The sort of an event, as in `Heard`; null: the kind has no sorts. */
function sortOf(event: SimEvent): string | null {
  switch (event.kind) {
    case "scheduler":
      return event.what.kind;
    case "sent":
    case "settled":
      return polls.has(event.script) ? "polls" : "but_polls";
    case "stepped":
      return event.command.kind === "changes_since" && event.after.meta === event.before.meta ? "polls" : "but_polls";
    default:
      return null;
  }
}
