/** Finds calls to the store that do not end: their end would never be recorded, so they are looked for while they are in flight. */
import type { Store } from "../../scheduler/ports.ts";
import type { Journal, Moment } from "./recorder.ts";

/** ms between two looks. */
const every = 50;
/** ms past its deadline after which a call is recorded as overdue, once. A call that ends earlier is recorded when it ends. */
const grace = 100;

interface InFlight {
  readonly operation: string;
  readonly begun: Moment;
  readonly deadline: number;
}

type Method = (...args: readonly unknown[]) => unknown;

/** The same store, watched until it is closed. The last argument of every operation is its deadline. */
export function watchOverdue(store: Store, instance: number, recorder: Journal): Store {
  const inFlight = new Set<InFlight>();
  const look = () => {
    const at = recorder.now();
    for (const call of inFlight) {
      const { begun, deadline, operation } = call;
      const from = recorder.at(begun);
      if (at - from <= deadline + grace) continue;
      inFlight.delete(call);
      recorder.event({ kind: "overdue", at, instance, operation, from, deadline });
    }
  };
  const timer = setInterval(look, every);
  // A mutant may stop itself without closing its store.
  timer.unref();
  const watched = Object.entries(store).map(([operation, method]) => [
    operation,
    operation === "close" ? closing(method, timer) : watch(operation, method, inFlight, recorder),
  ]);
  return { ...store, ...Object.fromEntries(watched) };
}

function closing(close: Method, timer: NodeJS.Timeout): Method {
  return (...args) => {
    clearInterval(timer);
    return close(...args);
  };
}

function watch(operation: string, method: unknown, inFlight: Set<InFlight>, recorder: Journal): unknown {
  if (typeof method !== "function") return method;
  return (...args: readonly unknown[]) => {
    const deadline = args.at(-1);
    const answer: unknown = method(...args);
    if (typeof deadline !== "number" || !(answer instanceof Promise)) return answer;
    const call = { operation, begun: recorder.moment(), deadline };
    inFlight.add(call);
    return answer.finally(() => inFlight.delete(call));
  };
}
