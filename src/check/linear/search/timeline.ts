/** A history as a search goes through it: calls and returns in order, each pending call at a place of its own. */
import type { Act, SeenCalls } from "./seen-calls.ts";
import { inTimeOrder } from "./time-order.ts";

export interface Timeline<Input> {
  /** In order: the number of a call where it was made, `returnOf` it where it returned. */
  readonly events: Int32Array;
  /** The place of each call while it is in flight; for one that was not answered, `classOf` its class. */
  readonly places: Int32Array;
  /** The input of each class: calls of the same input that were not answered are interchangeable once they have been made. */
  readonly classes: readonly Input[];
  /** Answered calls in flight at once, at most. */
  readonly mostPending: number;
}

/** A call as a return, and back; a class as a place, and back: those are below zero. */
export const returnOf = (number: number): number => ~number;
export const classOf = (number: number): number => ~number;

/** Ends where more than `most` answered calls are in flight at once. */
export function timelineOf<Input, Output>(calls: SeenCalls<Input, Output>, most: number): Timeline<Input> {
  return inOrder(calls, most, null) ?? (inOrder(calls, most, inTimeOrder(calls.call, calls.size)) as Timeline<Input>);
}

/**
 * In one pass, which holds those that are in flight in the order of their returns: there are few. Of things at the same time, calls come
 * first: such calls overlap.
 * @param order of the calls; null: that in which they are given
 * @returns null where they are not in that order
 */
function inOrder<Input, Output>(
  calls: SeenCalls<Input, Output>,
  most: number,
  order: Uint32Array | null,
): Timeline<Input> | null {
  const { call, returned, size } = calls;
  const events = new Int32Array(2 * size);
  const places = new Int32Array(size);
  const classes = new Classes<Input, Output>();
  const free: number[] = [];
  /** The next one to return is the last. */
  const pending: number[] = [];
  let [width, at, last] = [0, 0, Number.NEGATIVE_INFINITY];
  for (let index = 0; index < size && width <= most; index += 1) {
    const number = order === null ? index : (order[index] as number);
    const now = call[number] as number;
    if (now < last) return null;
    last = now;
    for (let next = pending.length - 1; next >= 0; next -= 1) {
      const back = pending[next] as number;
      if ((returned[back] as number) >= now) break;
      pending.pop();
      free.push(places[back] as number);
      events[at++] = returnOf(back);
    }
    events[at++] = number;
    const until = returned[number] as number;
    if (until === Number.POSITIVE_INFINITY) {
      places[number] = classOf(classes.of(calls.act(number)));
      continue;
    }
    places[number] = free.length > 0 ? (free.pop() as number) : width++;
    pending.push(number);
    for (let place = pending.length - 1; place > 0; place -= 1) {
      const other = pending[place - 1] as number;
      const later = returned[other] as number;
      if (later > until || (later === until && other > number)) break;
      pending[place] = other;
      pending[place - 1] = number;
    }
  }
  for (let next = pending.length - 1; next >= 0; next -= 1) events[at++] = returnOf(pending[next] as number);
  return { events: events.subarray(0, at), places, classes: classes.inputs, mostPending: width };
}

class Classes<Input, Output> {
  readonly inputs: Input[] = [];
  readonly #known = new Map<string, number>();

  of({ input }: Act<Input, Output>): number {
    const key = JSON.stringify(input);
    const found = this.#known.get(key);
    if (found !== undefined) return found;
    this.#known.set(key, this.inputs.length);
    return this.inputs.push(input) - 1;
  }
}
