/** Linearizability with versions: replies say how many changes the object had seen, and its feed says which those were. */

import { PlacedCalls } from "../run/placed-calls.ts";
import { fewLines, type Impossible, type Operation, type Ruling, type SequentialObject } from "./operation.ts";
import { findMisplaced, type Misplaced } from "./order.ts";

export interface VersionedOperation<Input, Output> extends Operation<Input, Output> {
  /** How many changes there had been when it took effect, its own included; null where it was not answered. */
  readonly version: number | null;
}

/**
 * Versions decide: an order is allowed only if it is the one that they state. So this is stricter than a judge who does not look at them.
 * @param feed the changes, in order: unanswered operations happened if, and when, it says so
 */
export function judgeByVersions<State, Input, Output>(
  object: SequentialObject<State, Input, Output>,
  history: readonly VersionedOperation<Input, Output>[],
  feed: readonly Input[],
): Ruling {
  const states = statesOf(object, feed);
  if (typeof states === "number") {
    const first = `change ${states} of the feed, ${JSON.stringify(feed[states - 1])}, changes nothing in the state before it`;
    return { verdict: "violated", impossible: { first, prefix: 0, pending: [], states: [] } };
  }
  const happened = history.filter(({ outcome }) => outcome !== "fail");
  const keys = feed.map((input) => JSON.stringify(input));
  const calls = new PlacedCalls();
  const said = { states, keys };
  for (const operation of happened) place(object, operation, said, calls);
  const positions = Float64Array.from(keys, (_, index) => 2 * (index + 1));
  const misplaced = findMisplaced(calls, { positions, seenAt: [], wanted: (change) => keys[change] ?? null });
  if (misplaced === null) return { verdict: "held" };
  return { verdict: "violated", impossible: explain(object, happened, said, misplaced) };
}

/** From the state before all changes to that after the last; or the number of the first change that is none. */
function statesOf<State, Input, Output>(
  object: SequentialObject<State, Input, Output>,
  feed: readonly Input[],
): readonly State[] | number {
  const states = [object.initial];
  for (const [index, input] of feed.entries()) {
    const before = states[index] as State;
    const after = object.next(before, input, null, Number.POSITIVE_INFINITY);
    if (after === null || after === before) return index + 1;
    states.push(after);
  }
  return states;
}

/** The content of a feed: the state after so many changes, and each change in words. */
interface Feed<State> {
  readonly states: readonly State[];
  readonly keys: readonly string[];
}

function place<State, Input, Output>(
  object: SequentialObject<State, Input, Output>,
  { call: from, input, outcome, output, returned, version }: VersionedOperation<Input, Output>,
  { keys, states }: Feed<State>,
  calls: PlacedCalls,
): void {
  if (outcome === "info" || version === null) {
    calls.wishFor(calls.add(from, Number.POSITIVE_INFINITY), { change: JSON.stringify(input), times: 1 });
    return;
  }
  const call = calls.add(from, returned);
  const before = states[version - 1];
  const after = states[version];
  const own = before === undefined ? null : object.next(before, input, output, returned);
  if (own !== null && own !== before && keys[version - 1] === JSON.stringify(input))
    calls.mayHaveMade(call, 2 * version);
  const position = 2 * version + 1;
  if (after !== undefined && object.next(after, input, output, returned) === after)
    calls.maySee(call, position, position);
}

function explain<State, Input, Output>(
  object: SequentialObject<State, Input, Output>,
  history: readonly VersionedOperation<Input, Output>[],
  { keys, states }: Feed<State>,
  misplaced: Misplaced,
): Impossible {
  if (misplaced.kind === "change") {
    const first = `change ${misplaced.change + 1}, ${keys[misplaced.change]}, was made before any call asked for it`;
    return { first, prefix: history.length, pending: [], states: [] };
  }
  const wrong = history[misplaced.call] as VersionedOperation<Input, Output>;
  const { returned, version } = wrong;
  const prefix = history.filter(({ call }) => call <= returned);
  const pending = prefix.filter((one) => one !== wrong && (one.returned > returned || one.outcome === "info"));
  const state = states[version ?? -1];
  const before = "before" in misplaced && misplaced.before !== null ? history[misplaced.before.index] : undefined;
  return {
    first: `${object.say(wrong)}, version ${version}${before === undefined ? "" : `, after ${object.say(before)}, version ${before.version}`}`,
    prefix: prefix.length,
    pending: fewLines(pending.map((one) => object.say(one))),
    states: state === undefined ? [] : [object.describe(state)],
  };
}
