/** Changes that an object makes by itself, such as the end of a lease, where a search needs them. */
import type { Configuration } from "./configuration.ts";
import type { SequentialObject } from "./operation.ts";
import type { SeenCalls } from "./seen-calls.ts";
import type { Window } from "./window.ts";

const noStates: readonly never[] = [];

export class OwnMoves<State, Input, Output> {
  readonly #object: SequentialObject<State, Input, Output>;
  readonly #calls: SeenCalls<Input, Output>;

  constructor(object: SequentialObject<State, Input, Output>, calls: SeenCalls<Input, Output>) {
    this.#object = object;
    this.#calls = calls;
  }

  /** The states to which the object may have gone before one of the pending calls, in one step. */
  before(one: Configuration<State>, window: Window, until: number): readonly State[] {
    const object = this.#object;
    if (object.moves === undefined) return noStates;
    let found: State[] | null = null;
    for (const places of [window.writes, window.reads]) {
      for (const place of places) {
        if (one.has(place)) continue;
        const { input, output } = this.#calls.act(window.at(place));
        const states = object.moves(one.state, input, output, until);
        if (states.length > 0) found = [...(found ?? []), ...states];
      }
    }
    return found ?? noStates;
  }

  /** `state`, and those to which the object may have gone before an unanswered call, in any number of steps. */
  beforeUnanswered(state: State, input: Input, until: number): readonly State[] {
    const object = this.#object;
    const all = [state];
    if (object.moves === undefined) return all;
    for (let index = 0; index < all.length; index += 1) {
      for (const moved of object.moves(all[index] as State, input, null, until)) {
        if (!all.some((other) => object.covers(other, moved))) all.push(moved);
      }
    }
    return all;
  }
}
