/** A history as a search goes through it: calls and returns in order, each pending operation at a place of its own. */
import type { Operation } from "./operation.ts";

export type Event<Input, Output> =
  | {
      readonly kind: "call" | "return";
      readonly operation: Operation<Input, Output>;
      readonly place: number;
    }
  /** Its class: operations of the same input are interchangeable once they have been called. */
  | { readonly kind: "unanswered"; readonly operation: Operation<Input, Output>; readonly class: number };

export interface Timeline<Input, Output> {
  readonly events: readonly Event<Input, Output>[];
  /** The input of each class. */
  readonly classes: readonly Input[];
  /** Answered operations under way at once, at most. */
  readonly mostPending: number;
  unansweredBefore(event: number): readonly Operation<Input, Output>[];
}

/** What failed did not happen, and is left out. Of things at the same time, calls come first: such operations overlap. */
export function timelineOf<Input, Output>(history: readonly Operation<Input, Output>[]): Timeline<Input, Output> {
  const happened = history.filter(({ outcome }) => outcome !== "fail");
  const calls = inOrder(happened, ({ call }) => call);
  const returns = inOrder(
    happened.filter(({ outcome }) => outcome === "ok"),
    ({ returned }) => returned,
  );
  const classes: Input[] = [];
  const classOf = new Map<string, number>();
  const events: Event<Input, Output>[] = [];
  const places = new Map<Operation<Input, Output>, number>();
  const free: number[] = [];
  let width = 0;
  let next = 0;
  for (const operation of calls) {
    next = giveBack(returns, next, operation.call, events, places, free);
    if (operation.outcome === "info") {
      events.push({ kind: "unanswered", operation, class: classFor(operation.input, classes, classOf) });
      continue;
    }
    const place = free.pop() ?? width++;
    places.set(operation, place);
    events.push({ kind: "call", operation, place });
  }
  giveBack(returns, next, Number.POSITIVE_INFINITY, events, places, free);
  return {
    events,
    classes,
    mostPending: width,
    unansweredBefore: (event) =>
      events.slice(0, event).flatMap((one) => (one.kind === "unanswered" ? [one.operation] : [])),
  };
}

/** All that returned before `until`. @returns the next one that has not */
function giveBack<Input, Output>(
  returns: readonly Operation<Input, Output>[],
  from: number,
  until: number,
  events: Event<Input, Output>[],
  places: Map<Operation<Input, Output>, number>,
  free: number[],
): number {
  let next = from;
  for (let one = returns[next]; one !== undefined && one.returned < until; one = returns[next]) {
    next += 1;
    const place = places.get(one) ?? 0;
    places.delete(one);
    free.push(place);
    events.push({ kind: "return", operation: one, place });
  }
  return next;
}

function classFor<Input>(input: Input, classes: Input[], known: Map<string, number>): number {
  const key = JSON.stringify(input);
  const found = known.get(key);
  if (found !== undefined) return found;
  known.set(key, classes.length);
  classes.push(input);
  return classes.length - 1;
}

/** Histories are written about in order already. */
function inOrder<Item>(items: readonly Item[], time: (item: Item) => number): readonly Item[] {
  const isSorted = items.every((item, index) => index === 0 || time(items[index - 1] as Item) <= time(item));
  return isSorted ? items : items.slice().sort((a, b) => time(a) - time(b));
}
