/** Calls to the store that never end: nobody is told when they do, so somebody has to look for them while they have not. */
import type { Store } from "../../scheduler/ports.ts";
import type { Journal, Moment } from "./recorder.ts";

/** Between two looks. */
const every = 50;
/** A call that is under way so long past its deadline is taken down, once; one that ends before is in the record of calls that ended. */
const grace = 100;

interface UnderWay {
  readonly operation: string;
  readonly begun: Moment;
  readonly deadline: number;
}

type Method = (...args: readonly unknown[]) => unknown;

/** The same store, watched until it is closed. The last argument of every operation is its deadline. */
export function watchOverdue(store: Store, instance: number, recorder: Journal): Store {
  const underWay = new Set<UnderWay>();
  const look = () => {
    const at = recorder.now();
    for (const call of underWay) {
      const { begun, deadline, operation } = call;
      const from = recorder.at(begun);
      if (at - from <= deadline + grace) continue;
      underWay.delete(call);
      recorder.event({ kind: "overdue", at, instance, operation, from, deadline });
    }
  };
  const timer = setInterval(look, every);
  // A planted scheduler may stop itself without closing its store.
  timer.unref();
  const watched = Object.entries(store).map(([operation, method]) => [
    operation,
    operation === "close" ? closing(method, timer) : watch(operation, method, underWay, recorder),
  ]);
  return { ...store, ...Object.fromEntries(watched) };
}

function closing(close: Method, timer: NodeJS.Timeout): Method {
  return (...args) => {
    clearInterval(timer);
    return close(...args);
  };
}

function watch(operation: string, method: unknown, underWay: Set<UnderWay>, recorder: Journal): unknown {
  if (typeof method !== "function") return method;
  return (...args: readonly unknown[]) => {
    const deadline = args.at(-1);
    const answer: unknown = method(...args);
    if (typeof deadline !== "number" || !(answer instanceof Promise)) return answer;
    const call = { operation, begun: recorder.moment(), deadline };
    underWay.add(call);
    return answer.finally(() => underWay.delete(call));
  };
}
