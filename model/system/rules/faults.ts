/** How many faults one run of the `system` model may have, and which of them are worth a step. */
import type { Bounds } from "../scope.ts";
import type { Group, Message, State } from "../state.ts";
import type { StoreCalls } from "./calls.ts";

/** Each kind has its own number; a fault of any kind may also be one of `any`. */
export type FaultKind = "any" | "answers" | "repeats" | "goings";

/**
 * With `normalForm`, a fault that does no more than another step does, or nothing, is left out: what can happen after it can happen
 * without it, and with more faults to come. Answers to lookups are neither lost nor repeated then: instead of losing one, an instance may as well
 * not have asked, and a second one finds in the view what the first has brought.
 */
export class Faults {
  readonly #most: Readonly<Record<FaultKind, number>>;
  readonly #hasNormalForm: boolean;
  readonly #calls: StoreCalls;

  constructor(
    { faults: any, lostAnswers: answers, repeats, lostServers: goings, normalForm }: Bounds,
    calls: StoreCalls,
  ) {
    this.#most = { any, answers, repeats, goings };
    this.#hasNormalForm = normalForm === 1;
    this.#calls = calls;
  }

  mayFail({ faults }: State, kind: FaultKind): boolean {
    return faults[kind] < this.#most[kind] || faults.any < this.#most.any;
  }

  /** @returns true, so that an action can go on with what it does */
  fail({ faults }: State, kind: FaultKind): boolean {
    faults[faults[kind] < this.#most[kind] ? kind : "any"] += 1;
    return true;
  }

  /** Whether the state differs if the answer to this message is lost. */
  isMissed({ agent, job }: State, message: Message): boolean {
    if (!this.#hasNormalForm) return true;
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

  /** A message, or several as one call, arrives and stays in flight. @returns false where it changes nothing */
  repeat(state: State, group: Group): boolean {
    if (this.#hasNormalForm && group.some(({ kind }) => kind === "Found")) return false;
    const { store, agent, job } = state;
    const ofNodes = () => group.flatMap(({ n }): readonly unknown[] => [store.node.get(n), agent.get(n)]);
    const concerned = (): readonly unknown[] => [store.meta, ...ofNodes(), ...job.values];
    const before = concerned();
    if (!this.#calls.serveGroup(state, group, true)) return false;
    return !this.#hasNormalForm || concerned().some((each, index) => each !== before[index]);
  }
}
