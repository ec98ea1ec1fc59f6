/**
 * Puts the planned load on the instances: open-loop, each action at its time, whatever became of the previous ones. Actions that are late after a pause
 * of the machine are not begun all at once: this thread would process all of them before it receives anything else.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import type { Millis } from "../../check/history.ts";
import { distributionOf } from "../../check/timing/distribution.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import type { Ledger } from "../../load/clients/caller.ts";
import { Clients } from "../../load/clients/clients.ts";
import type { Target } from "../../load/clients/target.ts";
import type { Action } from "../../load/plan/plan.ts";
import type { Random } from "../../scheduler/ports.ts";

export interface LoadOptions {
  readonly scenario: Scenario;
  readonly actions: readonly Action[];
  /** By operation: planned actions that are not made, since their instance does not claim it. Absent: there are none. */
  readonly notMade?: Readonly<Record<string, number>>;
  readonly schedulers: readonly Target[];
  readonly random: (concern: string) => Random;
  readonly recorder: Ledger;
}

/** ms. Actions that are due are begun for so long at most before the event loop gets a turn. */
const burst = 0.5;

/** Nodes that register at the same time. */
const atOnce = 32;

export class LoadGenerator {
  readonly #options: LoadOptions;
  readonly #clients: Clients;

  constructor(options: LoadOptions) {
    this.#options = options;
    const { random, recorder, scenario, schedulers } = options;
    this.#clients = new Clients({ scenario, schedulers, random, ledger: recorder, wait: sleep });
  }

  /**
   * Every node registers, a few at a time.
   * @param throwIfBroken ends it at once where no later answer can be right
   * @throws Error when one cannot before the timeout: no fault is in force yet
   */
  async registerAll(timeout: { readonly isOver: boolean }, throwIfBroken: () => void): Promise<void> {
    const waiting = [...this.#clients.agents];
    const work = async () => {
      for (let agent = waiting.shift(); agent !== undefined; agent = waiting.shift()) {
        let result = await agent.register();
        // A busy machine misses timeouts.
        while (result.outcome !== "ok" && !timeout.isOver) {
          throwIfBroken();
          await sleep(20);
          result = await agent.register();
        }
        if (result.outcome !== "ok") throw new Error(`${agent.node} could not register: ${result.reply}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  /** Until the load's end, or `signal`; records how well it kept to the plan. */
  async run(signal: AbortSignal): Promise<void> {
    const { actions, notMade = {}, recorder, scenario } = this.#options;
    const late: number[] = [];
    let next = 0;
    while (!signal.aborted) {
      const now = recorder.now();
      for (
        let action = actions[next];
        action !== undefined && action.at <= now && !signal.aborted;
        action = actions[next]
      ) {
        next += 1;
        late.push(recorder.now() - action.at);
        // Not awaited: the ledger records its result.
        void this.#clients.act(action);
        if (recorder.now() - now > burst) await turn();
      }
      if (now >= scenario.duration) break;
      const until = Math.min(actions[next]?.at ?? scenario.duration, scenario.duration);
      await sleep(Math.max(0, until - recorder.now()));
    }
    this.#clients.stop();
    const lateness = distributionOf(late);
    const late_ms = { late_ms_p95: lateness?.p95 ?? 0, late_ms_max: lateness?.max ?? 0 };
    const not_made = Object.keys(notMade).length === 0 ? undefined : notMade;
    const made = { planned: actions.length, made: next, ...withoutUndefined({ not_made }) };
    recorder.event({ kind: "pace", at: recorder.now(), ...made, ...late_ms });
  }

  /** Waits for the calls in flight, until the timeout; those without an answer by then are recorded as never returned. */
  async settle(timeout: Millis): Promise<void> {
    const until = performance.now() + timeout;
    while (this.#clients.inFlight > 0 && performance.now() < until) await sleep(5);
    this.#clients.giveUp();
  }
}

function sleep(duration: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration));
}
