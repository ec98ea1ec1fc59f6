/**
 * Linearizability without versions: a search that linearizes just in time, over the calls in flight. It goes through calls and
 * returns in order and keeps every configuration (state, and which pending calls have taken effect) that explains what returned so
 * far; at a return those pending calls take effect that must, in every order that works. A pending call that is a read (by
 * its reply it changes nothing, whatever the state) takes effect as soon as its reply fits: that never rules anything out.
 *
 * Unanswered calls may take effect at every later return. So they are tried last, fewest first, and only where nothing else explains
 * a return; then the search goes back to the latest place where more of them could have. It says `violated` only once all are exhausted.
 *
 * An object that also changes by itself does so before a call that needs it, as late as that call allows: by its return.
 *
 * @see G. Lowe, Testing for linearizability (2017), the just-in-time algorithm
 */
import { Configuration, type ConfigurationSet, mostPending, nothingUsed, withOneMore } from "./configuration.ts";
import { impossibleAt } from "./impossible.ts";
import type { Impossible, Limits, Operation, Ruling, SequentialObject } from "./operation.ts";
import { OwnMoves } from "./own-moves.ts";
import { type Act, type SeenCalls, seenCallsOf } from "./seen-calls.ts";
import { Sightings } from "./sightings.ts";
import { classOf, returnOf, type Timeline, timelineOf } from "./timeline.ts";
import { Window } from "./window.ts";

/** Between two looks at the clock. */
const lookEvery = 4_096;

class Exhausted extends Error {}

export function judgeByWindow<State, Input, Output>(
  object: SequentialObject<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  limits: Limits,
): Ruling {
  return judgeCallsByWindow(object, seenCallsOf(object, history), limits);
}

export function judgeCallsByWindow<State, Input, Output>(
  object: SequentialObject<State, Input, Output>,
  calls: SeenCalls<Input, Output>,
  limits: Limits,
): Ruling {
  const timeline = timelineOf(calls, mostPending);
  if (timeline.mostPending > mostPending) {
    return {
      verdict: "unknown",
      reason: `${timeline.mostPending} operations in flight at once, allowed ${mostPending}`,
    };
  }
  try {
    for (let most = timeline.classes.length === 0 ? 0 : 1; ; most *= 2) {
      const search = new Search(object, calls, timeline, { limits, mostAtOnce: most });
      const impossible = search.run();
      if (impossible === null) return { verdict: "held" };
      if (!search.wasCut) return { verdict: "violated", impossible };
    }
  } catch (error) {
    if (error instanceof Exhausted) return { verdict: "unknown", reason: error.message };
    throw error;
  }
}

/** A return at which more unanswered calls could have taken effect than were tried. */
interface Postponed<State> {
  readonly event: number;
  /** As it was at that return. */
  readonly window: Window;
  readonly available: readonly number[];
  /** From where further ones are tried. */
  readonly reached: readonly Configuration<State>[];
  readonly layer: number;
}

class Search<State, Input, Output> {
  /** Some were not tried because it would have been more than so many at one return. */
  wasCut = false;
  readonly #object: SequentialObject<State, Input, Output>;
  readonly #calls: SeenCalls<Input, Output>;
  readonly #timeline: Timeline<Input>;
  readonly #limits: Limits;
  readonly #moves: OwnMoves<State, Input, Output>;
  readonly #mostAtOnce: number;
  readonly #postponed: Postponed<State>[] = [];
  readonly #seen: Sightings<State>;
  #window = new Window();
  /** How many of each class have been called. */
  #available: readonly number[] = [];
  #made = 0;
  #kept = 0;
  #furthest = -1;
  #impossible: Impossible | null = null;

  constructor(
    object: SequentialObject<State, Input, Output>,
    calls: SeenCalls<Input, Output>,
    timeline: Timeline<Input>,
    { limits, mostAtOnce }: { readonly limits: Limits; readonly mostAtOnce: number },
  ) {
    this.#object = object;
    this.#calls = calls;
    this.#moves = new OwnMoves(object, calls);
    this.#seen = new Sightings(object);
    this.#timeline = timeline;
    this.#limits = limits;
    this.#mostAtOnce = mostAtOnce;
  }

  /** null: an order was found. */
  run(): Impossible | null {
    const { length } = this.#timeline.events;
    let batch: readonly Configuration<State>[] = [new Configuration(this.#object.initial, 0, 0, nothingUsed)];
    let event = 0;
    for (;;) {
      while (event < length && batch.length > 0) {
        const [only] = batch;
        if (batch.length === 1 && only !== undefined) event = this.#passAlone(event, only);
        if (event < length) batch = this.#pass(event++, batch);
      }
      if (batch.length > 0) return null;
      const next = this.#goBack();
      if (next === null) return this.#impossible;
      batch = next.batch;
      event = next.event;
    }
  }

  /**
   * Handles the most common situation: one configuration, and at a return nothing but that call is left to take effect.
   * @returns the event at which it is not
   */
  #passAlone(from: number, one: Configuration<State>): number {
    const object = this.#object;
    const window = this.#window;
    const calls = this.#calls;
    const { events, places } = this.#timeline;
    if (this.#available.length > 0) return from;
    let event = from;
    for (; event < events.length; event += 1) {
      const code = events[event] as number;
      const number = code < 0 ? returnOf(code) : code;
      const place = places[number] as number;
      if (place < 0) break;
      const { input, isRead, output } = calls.act(number);
      if (code >= 0) {
        window.open(number, place, isRead);
        if (isRead && object.next(one.state, input, output, calls.call[number] as number) !== null) one.set(place);
        continue;
      }
      if (one.has(place)) one.clear(place);
      else {
        if (!this.#isLast(one, place)) break;
        const until = calls.returned[number] as number;
        const after = object.next(one.state, input, output, until);
        if (after === null || this.#moves.before(one, window, until).length > 0) break;
        this.#count();
        if (after !== one.state) {
          one.state = after;
          this.#read(one, until);
        }
      }
      window.close(place, isRead);
    }
    return event;
  }

  /** No other pending call could take effect before the one at `place`. */
  #isLast(one: Configuration<State>, place: number): boolean {
    const { writes } = this.#window;
    for (let index = 0; index < writes.length; index += 1) {
      const other = writes[index] as number;
      if (other !== place && !one.has(other)) return false;
    }
    return true;
  }

  #pass(index: number, batch: readonly Configuration<State>[]): readonly Configuration<State>[] {
    const { events, places } = this.#timeline;
    const code = events[index] as number;
    if (code < 0) return this.#passReturn(index, places[returnOf(code)] as number, batch);
    const place = places[code] as number;
    if (place < 0) {
      const kind = classOf(place);
      const counts = this.#available.slice();
      while (counts.length <= kind) counts.push(0);
      counts[kind] = (counts[kind] ?? 0) + 1;
      this.#available = counts;
      return batch;
    }
    const { input, isRead, output } = this.#calls.act(code);
    this.#window.open(code, place, isRead);
    const now = this.#calls.call[code] as number;
    if (isRead) for (const one of batch) if (this.#object.next(one.state, input, output, now) !== null) one.set(place);
    return batch;
  }

  #passReturn(index: number, place: number, batch: readonly Configuration<State>[]): readonly Configuration<State>[] {
    const mayPostpone = this.#available.length > 0;
    const { reached, results } = mayPostpone ? this.#seen.at(index) : this.#seen.nothing();
    const before = results.size;
    const open: Configuration<State>[] = [];
    for (const one of batch) {
      if (!one.has(place)) {
        if (reached.add(one)) open.push(one);
        continue;
      }
      one.clear(place);
      results.add(one);
    }
    if (open.length > 0) {
      const all = this.#reach(open, place, reached, results);
      if (mayPostpone) this.#postpone(index, all, 1);
    }
    const fresh = results.held.slice(before);
    const found = mayPostpone ? fresh.map(copyOf) : fresh;
    if (found.length === 0) this.#remember(index, place, batch);
    this.#close(place);
    this.#keep(found.length);
    return found;
  }

  #close(place: number): void {
    this.#window.close(place, this.#actAt(place).isRead);
  }

  #actAt(place: number): Act<Input, Output> {
    return this.#calls.act(this.#window.at(place));
  }

  /** Lets pending calls take effect in every order, until the one at `place` has; @returns all that was passed through. */
  #reach(
    from: readonly Configuration<State>[],
    place: number,
    reached: ConfigurationSet<State>,
    results: ConfigurationSet<State>,
  ): readonly Configuration<State>[] {
    const object = this.#object;
    const { writes } = this.#window;
    const { input, output } = this.#actAt(place);
    const until = this.#returnAt(place);
    const all = from.slice();
    for (let index = 0; index < all.length; index += 1) {
      const one = all[index] as Configuration<State>;
      if (one.has(place)) {
        const result = new Configuration(one.state, one.low, one.high, one.used);
        result.clear(place);
        results.add(result);
        continue;
      }
      this.#move(one, place, reached, all);
      const after = object.next(one.state, input, output, until);
      if (after !== null) {
        const result = this.#after(after, one, { place, until });
        result.clear(place);
        results.add(result);
      }
      for (let next = 0; next < writes.length; next += 1) {
        const other = writes[next] as number;
        if (other === place || one.has(other)) continue;
        const act = this.#actAt(other);
        const state = object.next(one.state, act.input, act.output, until);
        if (state === null) continue;
        const further = this.#after(state, one, { place: other, until });
        if (reached.add(further)) all.push(further);
      }
    }
    return all;
  }

  /** When the call at `place` has taken effect, by `until`. */
  #after(
    state: State,
    from: Configuration<State>,
    { place, until }: { readonly place: number; readonly until: number },
  ): Configuration<State> {
    this.#count();
    const one = new Configuration(state, from.low, from.high, from.used);
    one.set(place);
    this.#read(one, until);
    return one;
  }

  /** Pending reads take effect where their replies fit. */
  #read(one: Configuration<State>, until: number): void {
    const { reads } = this.#window;
    for (let index = 0; index < reads.length; index += 1) {
      const place = reads[index] as number;
      if (one.has(place)) continue;
      const { input, output } = this.#actAt(place);
      if (this.#object.next(one.state, input, output, until) !== null) one.set(place);
    }
  }

  #returnAt(place: number): number {
    return this.#calls.returned[this.#window.at(place)] as number;
  }

  /** The object may have gone on by itself before one of the calls that can take effect next. */
  #move(one: Configuration<State>, place: number, reached: ConfigurationSet<State>, all: Configuration<State>[]): void {
    const until = this.#returnAt(place);
    for (const state of this.#moves.before(one, this.#window, until)) {
      this.#count();
      const moved = new Configuration(state, one.low, one.high, one.used);
      this.#read(moved, until);
      if (reached.add(moved)) all.push(moved);
    }
  }

  #postpone(event: number, reached: readonly Configuration<State>[], layer: number): void {
    const open = reached.filter((one) => this.#hasUnused(one));
    if (open.length === 0) return;
    if (layer > this.#mostAtOnce) {
      this.wasCut = true;
      return;
    }
    this.#keep(open.length);
    this.#postponed.push({ event, window: this.#window.copy(), available: this.#available, reached: open, layer });
  }

  #hasUnused({ used }: Configuration<State>): boolean {
    return this.#available.some((count, kind) => count > (used[kind] ?? 0));
  }

  /** One more unanswered call takes effect at the latest return where one can. */
  #goBack(): { readonly event: number; readonly batch: readonly Configuration<State>[] } | null {
    const { events, places } = this.#timeline;
    for (;;) {
      const last = this.#postponed.pop();
      if (last === undefined) return null;
      const { available, event, layer } = last;
      this.#window = last.window.copy();
      this.#available = available;
      const place = places[returnOf(events[event] as number)] as number;
      const { reached, results } = this.#seen.at(event);
      const before = results.size;
      const all = this.#reach(this.#withOneMore(last.reached, place, reached), place, reached, results);
      this.#postpone(event, all, layer + 1);
      const batch = results.held.slice(before);
      this.#close(place);
      if (batch.length > 0) return { event: event + 1, batch: batch.map(copyOf) };
    }
  }

  #withOneMore(
    from: readonly Configuration<State>[],
    place: number,
    reached: ConfigurationSet<State>,
  ): readonly Configuration<State>[] {
    const found: Configuration<State>[] = [];
    const until = this.#returnAt(place);
    for (const one of from) {
      for (const [kind, count] of this.#available.entries()) {
        if (count <= (one.used[kind] ?? 0)) continue;
        const input = this.#timeline.classes[kind] as Input;
        for (const state of this.#moves.beforeUnanswered(one.state, input, until)) {
          const next = this.#object.next(state, input, null, until);
          if (next === null || next === state) continue;
          this.#count();
          const further = new Configuration(next, one.low, one.high, withOneMore(one.used, kind));
          this.#read(further, until);
          if (reached.add(further)) found.push(further);
        }
      }
    }
    return found;
  }

  #count(): void {
    this.#made += 1;
    if (this.#made % lookEvery === 0 && this.#limits.outOfTime()) throw new Exhausted("the time was up");
  }

  /** Configurations kept for going back are never given up again; without unanswered calls only one batch is kept at a time. */
  #keep(count: number): void {
    this.#kept = this.#available.length > 0 ? this.#kept + count : count;
    if (this.#kept > this.#limits.configurations) {
      throw new Exhausted(`more than ${this.#limits.configurations} configurations were possible`);
    }
  }

  /** The furthest return that no order explains: what was called by then is the shortest impossible prefix. */
  #remember(index: number, place: number, batch: readonly Configuration<State>[]): void {
    if (index <= this.#furthest) return;
    this.#furthest = index;
    this.#impossible = impossibleAt(this.#object, this.#calls, this.#timeline, {
      index,
      window: this.#window,
      place,
      batch,
    });
  }
}

/** A set that is come back to keeps the one, the search changes the other. */
function copyOf<State>({ high, low, state, used }: Configuration<State>): Configuration<State> {
  return new Configuration(state, low, high, used);
}
