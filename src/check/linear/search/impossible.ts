/** The part of a history that a search by the window found impossible, in words. */
import type { Configuration } from "./configuration.ts";
import { fewLines, type Impossible, type SequentialObject } from "./operation.ts";
import type { SeenCalls } from "./seen-calls.ts";
import type { Timeline } from "./timeline.ts";
import type { Window } from "./window.ts";

/** Configurations whose states are looked at for the message. */
const mostStates = 1_000;

/** Where a search found no way on. */
interface Stuck<State> {
  /** The index of the return that nothing explains. */
  readonly index: number;
  readonly window: Window;
  /** That of its call. */
  readonly place: number;
  /** The configurations that were possible until then. */
  readonly batch: readonly Configuration<State>[];
}

export function impossibleAt<State, Input, Output>(
  object: SequentialObject<State, Input, Output>,
  calls: SeenCalls<Input, Output>,
  { events, places }: Timeline<Input>,
  { batch, index, place, window }: Stuck<State>,
): Impossible {
  const under = window.places.filter((one) => one !== place).map((one) => window.at(one));
  const made = Array.from(events.subarray(0, index)).filter((code) => code >= 0);
  const unanswered = made.filter((number) => (places[number] as number) < 0);
  const states = new Set(batch.slice(0, mostStates).map(({ state }) => object.describe(state)));
  const say = (number: number) => object.say(calls.operation(number));
  return {
    first: say(window.at(place)),
    prefix: made.length,
    pending: fewLines([...under, ...unanswered].map(say)),
    states: fewLines([...states]),
  };
}
