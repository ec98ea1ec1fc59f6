/** Takes each event to whoever hears it: the trace hears all, a judge what it has asked for. */
import type { SchedulerEvent } from "../scheduler/events.ts";
import type { SimEvent, SimEventKind } from "./events.ts";

/** Kinds of which an instance makes most by asking, many times a second, whether anything has changed. */
type Frequent = "sent" | "stepped" | "settled";

/**
 * A kind of event; `scheduler` is all that instances say of themselves, `scheduler.<kind>` one kind of it. `<kind>.polls`: the questions
 * about what has changed, of those that were run only the ones in which no epoch began; they are most of a run. `<kind>.but_polls`: all others.
 */
export type Heard = SimEventKind | `scheduler.${SchedulerEvent["kind"]}` | `${Frequent}.${"polls" | "but_polls"}`;

export interface Listener {
  readonly hears: readonly Heard[];
  on(event: SimEvent): void;
}

type Ear = Pick<Listener, "on">;

const polls: ReadonlySet<string> = new Set(["changes_since", "check_config"]);

export class Bus {
  readonly #all: readonly Ear[];
  readonly #listeners: readonly Listener[];
  /** Kind -> sort -> who hears it, in the order in which they were handed in. */
  readonly #ears = new Map<SimEventKind, Map<string, readonly Ear[]>>();
  readonly #most: number;
  #count = 0;

  /** @param all hear everything, before the others
   * @param most of the events the others hear: the first so many
   */
  constructor(all: readonly Ear[], listeners: readonly Listener[], most = Number.POSITIVE_INFINITY) {
    this.#most = most;
    this.#all = all;
    this.#listeners = listeners;
  }

  /** Events so far. */
  get count(): number {
    return this.#count;
  }

  emit(event: SimEvent): void {
    this.#count += 1;
    const all = this.#all;
    for (let index = 0; index < all.length; index += 1) (all[index] as Ear).on(event);
    if (this.#count > this.#most) return;
    const ears = this.#earsOf(event);
    for (let index = 0; index < ears.length; index += 1) (ears[index] as Ear).on(event);
  }

  #earsOf(event: SimEvent): readonly Ear[] {
    const { kind } = event;
    const sort = sortOf(event);
    const known = this.#ears.get(kind)?.get(sort);
    if (known !== undefined) return known;
    const name = `${kind}.${sort}`;
    const ears = this.#listeners.filter(({ hears }) => hears.some((heard) => heard === kind || heard === name));
    const bySort = this.#ears.get(kind) ?? new Map<string, readonly Ear[]>();
    this.#ears.set(kind, bySort.set(sort, ears));
    return ears;
  }
}

/** Which of its kind, in the words of `Heard`. */
function sortOf(event: SimEvent): string {
  switch (event.kind) {
    case "scheduler":
      return event.what.kind;
    case "sent":
    case "settled":
      return polls.has(event.script) ? "polls" : "but_polls";
    case "stepped":
      return event.command.kind === "changes_since" && event.after.meta === event.before.meta ? "polls" : "but_polls";
    default:
      return "";
  }
}
