/**
 * Linearizability without versions: a search that linearizes just in time, over the operations that are under way. It goes through calls and
 * returns in order and keeps every configuration (state, and which pending operations have taken effect) that explains what returned so
 * far; at a return those pending operations take effect that must, in every order that works. A pending operation that is a read (by
 * its reply it changes nothing, whatever the state) takes effect as soon as its reply fits: that never rules anything out.
 *
 * Unanswered operations may take effect at every later return. So they are tried last, fewest first, and only where nothing else explains
 * a return; then the search goes back to the latest place where more of them could have. It says `violated` only once all are exhausted.
 *
 * @see G. Lowe, Testing for linearizability (2017), the just-in-time algorithm
 */
import { Configuration, type ConfigurationSet, mostPending, nothingUsed, withOneMore } from "./configuration.ts";
import { impossibleAt } from "./impossible.ts";
import type { Impossible, Limits, Operation, Ruling, SequentialObject } from "./operation.ts";
import { Sightings } from "./sightings.ts";
import { type Event, type Timeline, timelineOf } from "./timeline.ts";

/** Between two looks at the clock. */
const lookEvery = 4_096;

class Exhausted extends Error {}

export function judgeByWindow<State, Input, Output>(
  object: SequentialObject<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  limits: Limits,
): Ruling {
  const timeline = timelineOf(history);
  if (timeline.mostPending > mostPending) {
    return {
      verdict: "unknown",
      reason: `${timeline.mostPending} operations under way at once, allowed ${mostPending}`,
    };
  }
  try {
    for (let most = timeline.classes.length === 0 ? 0 : 1; ; most *= 2) {
      const search = new Search(object, timeline, limits, most);
      const impossible = search.run();
      if (impossible === null) return { verdict: "held" };
      if (!search.wasCut) return { verdict: "violated", impossible };
    }
  } catch (error) {
    if (error instanceof Exhausted) return { verdict: "unknown", reason: error.message };
    throw error;
  }
}

/** A return at which more unanswered operations could have taken effect than were tried. */
interface Postponed<State, Input, Output> {
  readonly event: number;
  /** Operations by place, as they were pending at that return. */
  readonly window: readonly (Operation<Input, Output> | null)[];
  readonly available: readonly number[];
  /** From where further ones are tried. */
  readonly reached: readonly Configuration<State>[];
  readonly layer: number;
}

class Search<State, Input, Output> {
  /** Some were not tried because it would have been more than so many at one return. */
  wasCut = false;
  readonly #object: SequentialObject<State, Input, Output>;
  readonly #timeline: Timeline<Input, Output>;
  readonly #limits: Limits;
  readonly #mostAtOnce: number;
  readonly #postponed: Postponed<State, Input, Output>[] = [];
  readonly #seen: Sightings<State>;
  #window: (Operation<Input, Output> | null)[] = [];
  /** How many of each class have been called. */
  #available: readonly number[] = [];
  #made = 0;
  #kept = 0;
  #furthest = -1;
  #impossible: Impossible | null = null;

  constructor(
    object: SequentialObject<State, Input, Output>,
    timeline: Timeline<Input, Output>,
    limits: Limits,
    mostAtOnce: number,
  ) {
    this.#object = object;
    this.#seen = new Sightings(object);
    this.#timeline = timeline;
    this.#limits = limits;
    this.#mostAtOnce = mostAtOnce;
  }

  /** null: an order was found. */
  run(): Impossible | null {
    const { events } = this.#timeline;
    let batch: readonly Configuration<State>[] = [new Configuration(this.#object.initial, 0, 0, nothingUsed)];
    let event = 0;
    for (;;) {
      for (; event < events.length && batch.length > 0; event += 1) batch = this.#pass(event, batch);
      if (batch.length > 0) return null;
      const next = this.#goBack();
      if (next === null) return this.#impossible;
      batch = next.batch;
      event = next.event;
    }
  }

  #pass(index: number, batch: readonly Configuration<State>[]): readonly Configuration<State>[] {
    const event = this.#timeline.events[index] as Event<Input, Output>;
    switch (event.kind) {
      case "unanswered": {
        const counts = this.#available.slice();
        while (counts.length <= event.class) counts.push(0);
        counts[event.class] = (counts[event.class] ?? 0) + 1;
        this.#available = counts;
        return batch;
      }
      case "call": {
        const { operation, place } = event;
        this.#window[place] = operation;
        if (this.#isRead(operation)) {
          for (const one of batch) if (this.#fits(one.state, operation)) one.set(place);
        }
        return batch;
      }
      case "return":
        return this.#passReturn(index, event.place, batch);
    }
  }

  #passReturn(index: number, place: number, batch: readonly Configuration<State>[]): readonly Configuration<State>[] {
    const mayPostpone = this.#available.length > 0;
    const [only] = batch;
    if (!mayPostpone && only !== undefined && batch.length === 1 && this.#isSettledWithout(only, place)) {
      return this.#passAlone(index, place, only, batch);
    }
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
    const found = results.held.slice(before);
    if (found.length === 0) this.#remember(index, place, batch);
    this.#window[place] = null;
    this.#keep(found.length);
    return found;
  }

  /** Nothing else could take effect before the one at `place`, or it has already. */
  #isSettledWithout(one: Configuration<State>, place: number): boolean {
    if (one.has(place)) return true;
    const window = this.#window;
    for (let other = 0; other < window.length; other += 1) {
      const pending = window[other];
      if (pending == null || other === place || one.has(other) || this.#isRead(pending)) continue;
      return false;
    }
    return true;
  }

  /** What is mostly the case, without the sets that the general one needs. */
  #passAlone(
    index: number,
    place: number,
    one: Configuration<State>,
    batch: readonly Configuration<State>[],
  ): readonly Configuration<State>[] {
    const { input, output } = this.#window[place] as Operation<Input, Output>;
    let next = batch;
    if (one.has(place)) one.clear(place);
    else {
      const after = this.#object.next(one.state, input, output);
      if (after === null) this.#remember(index, place, batch);
      next = after === null ? [] : [this.#settled(after, one, place, place)];
    }
    this.#window[place] = null;
    return next;
  }

  /** Lets pending operations take effect in every order, until the one at `place` has; @returns all that was passed through. */
  #reach(
    from: readonly Configuration<State>[],
    place: number,
    reached: ConfigurationSet<State>,
    results: ConfigurationSet<State>,
  ): readonly Configuration<State>[] {
    const object = this.#object;
    const window = this.#window;
    const operation = window[place] as Operation<Input, Output>;
    const all = from.slice();
    for (let index = 0; index < all.length; index += 1) {
      const one = all[index] as Configuration<State>;
      if (one.has(place)) {
        const result = new Configuration(one.state, one.low, one.high, one.used);
        result.clear(place);
        results.add(result);
        continue;
      }
      const after = object.next(one.state, operation.input, operation.output);
      if (after !== null) results.add(this.#settled(after, one, place, place));
      for (let other = 0; other < window.length; other += 1) {
        const pending = window[other];
        if (pending == null || other === place || one.has(other)) continue;
        if (this.#isRead(pending)) continue;
        const next = object.next(one.state, pending.input, pending.output);
        if (next === null) continue;
        const further = this.#settled(next, one, other, -1);
        if (reached.add(further)) all.push(further);
      }
    }
    return all;
  }

  /** After `taken` has taken effect; what is `gone` has returned. */
  #settled(state: State, from: Configuration<State>, taken: number, gone: number): Configuration<State> {
    this.#count();
    const one = new Configuration(state, from.low, from.high, from.used);
    if (taken >= 0) one.set(taken);
    const window = this.#window;
    for (let place = 0; place < window.length; place += 1) {
      const pending = window[place];
      if (pending == null || one.has(place) || !this.#isRead(pending)) continue;
      if (this.#fits(state, pending)) one.set(place);
    }
    if (gone >= 0) one.clear(gone);
    return one;
  }

  #isRead({ input, output }: Operation<Input, Output>): boolean {
    return output !== null && this.#object.isRead(input, output);
  }

  #fits(state: State, { input, output }: Operation<Input, Output>): boolean {
    return this.#object.next(state, input, output) !== null;
  }

  #postpone(event: number, reached: readonly Configuration<State>[], layer: number): void {
    const open = reached.filter((one) => this.#hasUnused(one));
    if (open.length === 0) return;
    if (layer > this.#mostAtOnce) {
      this.wasCut = true;
      return;
    }
    this.#keep(open.length);
    this.#postponed.push({ event, window: this.#window.slice(), available: this.#available, reached: open, layer });
  }

  #hasUnused({ used }: Configuration<State>): boolean {
    return this.#available.some((count, kind) => count > (used[kind] ?? 0));
  }

  /** One more unanswered operation takes effect at the latest return where one can. */
  #goBack(): { readonly event: number; readonly batch: readonly Configuration<State>[] } | null {
    for (;;) {
      const last = this.#postponed.pop();
      if (last === undefined) return null;
      const { available, event, layer } = last;
      this.#window = last.window.slice();
      this.#available = available;
      const { place } = this.#timeline.events[event] as Extract<Event<Input, Output>, { kind: "return" }>;
      const { reached, results } = this.#seen.at(event);
      const before = results.size;
      const all = this.#reach(this.#withOneMore(last.reached, reached), place, reached, results);
      this.#postpone(event, all, layer + 1);
      const batch = results.held.slice(before);
      this.#window[place] = null;
      if (batch.length > 0) return { event: event + 1, batch: batch.map(copyOf) };
    }
  }

  #withOneMore(
    from: readonly Configuration<State>[],
    reached: ConfigurationSet<State>,
  ): readonly Configuration<State>[] {
    const found: Configuration<State>[] = [];
    for (const one of from) {
      for (const [kind, count] of this.#available.entries()) {
        if (count <= (one.used[kind] ?? 0)) continue;
        const next = this.#object.next(one.state, this.#timeline.classes[kind] as Input, null);
        if (next === null || next === one.state) continue;
        const bare = new Configuration(next, one.low, one.high, withOneMore(one.used, kind));
        const further = this.#settled(next, bare, -1, -1);
        if (reached.add(further)) found.push(further);
      }
    }
    return found;
  }

  #count(): void {
    this.#made += 1;
    if (this.#made % lookEvery === 0 && this.#limits.outOfTime()) throw new Exhausted("the time was up");
  }

  /** What is kept for going back is never given up again; without unanswered operations only one batch is kept at a time. */
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
    this.#impossible = impossibleAt(this.#object, this.#timeline, index, place, this.#window, batch);
  }
}

/** A set keeps the one, a search changes the other. */
function copyOf<State>({ high, low, state, used }: Configuration<State>): Configuration<State> {
  return new Configuration(state, low, high, used);
}
