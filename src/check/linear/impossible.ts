/** The part of a history that a search by the window found impossible, in words. */
import type { Configuration } from "./configuration.ts";
import { fewLines, type Impossible, type Operation, type SequentialObject } from "./operation.ts";
import type { Timeline } from "./timeline.ts";

/** Configurations whose states are looked at for the telling. */
const mostStates = 1_000;

/**
 * @param index of the return that nothing explains, of the operation at `place`
 * @param batch what was possible until then
 */
export function impossibleAt<State, Input, Output>(
  object: SequentialObject<State, Input, Output>,
  timeline: Timeline<Input, Output>,
  index: number,
  place: number,
  window: readonly (Operation<Input, Output> | null)[],
  batch: readonly Configuration<State>[],
): Impossible {
  const operation = window[place] as Operation<Input, Output>;
  const under = window.filter((one) => one != null && one !== operation) as Operation<Input, Output>[];
  const unanswered = timeline.unansweredBefore(index);
  const states = new Set(batch.slice(0, mostStates).map(({ state }) => object.describe(state)));
  return {
    first: object.say(operation),
    prefix: timeline.events.slice(0, index).filter(({ kind }) => kind !== "return").length,
    pending: fewLines([...under, ...unanswered].map((one) => object.say(one))),
    states: fewLines([...states]),
  };
}
