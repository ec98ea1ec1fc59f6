/** Tries every order of a small history: a judge that is too simple to be wrong, to hold the others against. */
import type { Operation, Ruling, SequentialObject } from "./operation.ts";

/** Above this many operations it says `unknown` at once. */
const mostOperations = 12;

/** The order in which the operations took effect, without those that never did; null where there is none. */
export function explain<State, Input, Output>(
  object: SequentialObject<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
): readonly Operation<Input, Output>[] | null {
  const happened = history.filter(({ outcome }) => outcome !== "fail");
  return extend(object, object.initial, happened, []);
}

function extend<State, Input, Output>(
  object: SequentialObject<State, Input, Output>,
  state: State,
  left: readonly Operation<Input, Output>[],
  placed: readonly Operation<Input, Output>[],
): readonly Operation<Input, Output>[] | null {
  if (left.every(({ outcome }) => outcome === "info")) return placed;
  const earliestReturn = Math.min(...left.map(({ returned }) => returned));
  for (const operation of left) {
    // Nothing that has yet to be placed may have returned before this one was called.
    if (operation.call > earliestReturn) continue;
    const next = object.next(state, operation.input, operation.output, earliestReturn);
    if (next === null) continue;
    const rest = left.filter((other) => other !== operation);
    const found = extend(object, next, rest, [...placed, operation]);
    if (found !== null) return found;
  }
  return null;
}

/** The verdict, with the shortest impossible prefix. */
export function judgeByAllOrders<State, Input, Output>(
  object: SequentialObject<State, Input, Output>,
  whole: readonly Operation<Input, Output>[],
): Ruling {
  const history = whole.filter(({ outcome }) => outcome !== "fail");
  if (history.length > mostOperations) {
    return { verdict: "unknown", reason: `${history.length} operations, allowed ${mostOperations} for all orders` };
  }
  if (explain(object, history) !== null) return { verdict: "held" };
  const returns = history.filter(({ outcome }) => outcome === "ok").sort((a, b) => a.returned - b.returned);
  for (const last of returns) {
    const prefix = history
      .filter(({ call }) => call <= last.returned)
      .map((operation) => asSeenAt(operation, last.returned));
    if (explain(object, prefix) !== null) continue;
    const pending = prefix.filter(({ outcome }) => outcome === "info");
    const impossible = {
      first: object.say(last),
      prefix: prefix.length,
      pending: pending.map((operation) => object.say(operation)),
      states: [],
    };
    return { verdict: "violated", impossible };
  }
  throw new Error("no order explains the whole, but one explains each of its prefixes: the judge is wrong");
}

/** An operation that has not returned by `now` may or may not have happened; if it has, with the reply that it got. */
function asSeenAt<Input, Output>(operation: Operation<Input, Output>, now: number): Operation<Input, Output> {
  if (operation.outcome !== "ok" || operation.returned <= now) return operation;
  return { ...operation, returned: Number.POSITIVE_INFINITY, outcome: "info" };
}
