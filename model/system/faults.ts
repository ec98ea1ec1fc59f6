/** How much may go wrong in one run of the `system` model, and which of it is worth a try. */
import type { Bounds } from "./scope.ts";
import type { Message, State } from "./state.ts";

/** Each kind has its own number; whatever goes wrong may also be one of those of any kind. */
export type FaultKind = "any" | "answers" | "repeats" | "goings";

export interface FaultRules {
  mayFail(state: State, kind: FaultKind): boolean;
  /** @returns true, so that an action can go on with what it does */
  fail(state: State, kind: FaultKind): boolean;
  /** Whether it is another state that comes of it if the answer to this message is lost. */
  isMissed(state: State, message: Message): boolean;
  /** The message arrives, and stays on its way. @param serve what it does. @returns false where that is nothing */
  repeat(
    state: State,
    message: Message,
    serve: (state: State, message: Message, isAnswered: boolean) => boolean,
  ): boolean;
}

/**
 * With `normalForm`, a fault that does no more than another step does, or nothing, is left out: what can happen after it can happen
 * without it, and with more faults to come. Answers to lookups are neither lost nor repeated then: instead of losing one, an instance may as well
 * not have asked, and a second one finds in the view what the first has brought.
 */
export function faultRules(bounds: Bounds): FaultRules {
  const { faults: any, lostAnswers: answers, repeats, lostServers: goings } = bounds;
  const most = { any, answers, repeats, goings };
  const hasNormalForm = bounds.normalForm === 1;

  function fail({ faults }: State, kind: FaultKind): boolean {
    faults[faults[kind] < most[kind] ? kind : "any"] += 1;
    return true;
  }

  function isMissed({ agent, job }: State, message: Message): boolean {
    if (!hasNormalForm) return true;
    switch (message.kind) {
      case "Register":
        return agent.get(message.n).life === message.life && agent.get(message.n).incarnation === null;
      case "Reserve":
        return job.get(message.j).kind === "asked";
      case "Complete":
        return job.get(message.j).kind === "ending";
      case "Heartbeat":
      case "Found":
        return false;
    }
  }

  function repeat(state: State, message: Message, serve: Parameters<FaultRules["repeat"]>[2]): boolean {
    if (hasNormalForm && message.kind === "Found") return false;
    const { store, agent, job } = state;
    const { n } = message;
    const concerned = (): readonly unknown[] => [store.meta, store.node.get(n), agent.get(n), ...job.values];
    const before = concerned();
    if (!serve(state, message, true)) return false;
    return !hasNormalForm || concerned().some((each, index) => each !== before[index]);
  }

  return {
    mayFail: ({ faults }, kind) => faults[kind] < most[kind] || faults.any < most.any,
    fail,
    isMissed,
    repeat,
  };
}
