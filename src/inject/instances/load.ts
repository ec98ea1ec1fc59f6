/**
 * Puts the planned load on the instances: open-loop, each action at its time, whatever became of the ones before. What is late, since the machine
 * stood still, is not begun in one go: instances share this thread, and would be at work on all of it before they hear of anything else.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { distributionOf } from "../../check/timing/distribution.ts";
import type { Ledger } from "../../load/clients/caller.ts";
import { Clients } from "../../load/clients/clients.ts";
import type { Target } from "../../load/clients/target.ts";
import type { Action } from "../../load/plan/plan.ts";
import type { Random } from "../../scheduler/ports.ts";

export interface LoadOptions {
  readonly scenario: Scenario;
  readonly actions: readonly Action[];
  readonly schedulers: readonly Target[];
  readonly random: (concern: string) => Random;
  readonly recorder: Ledger;
}

/** In one go what is due is begun for so long at most, in milliseconds. */
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

  /** Every node registers, a few at a time. @throws Error when one cannot before the patience is over: nothing is wrong with the world yet */
  async registerAll(patience: { readonly isOver: boolean }): Promise<void> {
    const waiting = [...this.#clients.agents];
    const work = async () => {
      for (let agent = waiting.shift(); agent !== undefined; agent = waiting.shift()) {
        let told = await agent.register();
        // A busy machine misses deadlines.
        while (told.outcome !== "ok" && !patience.isOver) {
          await sleep(20);
          told = await agent.register();
        }
        if (told.outcome !== "ok") throw new Error(`${agent.node} could not register: ${told.reply}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  /** Until the load's end, or `signal`; takes down how well it kept to the plan. */
  async run(signal: AbortSignal): Promise<void> {
    const { actions, recorder, scenario } = this.#options;
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
        // Nobody waits for it: the ledger takes down what becomes of it.
        void this.#clients.act(action);
        if (recorder.now() - now > burst) await turn();
      }
      if (now >= scenario.duration) break;
      const until = Math.min(actions[next]?.at ?? scenario.duration, scenario.duration);
      await sleep(Math.max(0, until - recorder.now()));
    }
    this.#clients.stop();
    const lateness = distributionOf(late);
    const told = { late_ms_p95: lateness?.p95 ?? 0, late_ms_max: lateness?.max ?? 0 };
    recorder.event({ kind: "pace", at: recorder.now(), planned: actions.length, made: next, ...told });
  }

  /** Waits for what is still under way, `patience` ms at most; what has not come back by then is taken down as never returned. */
  async settle(patience: number): Promise<void> {
    const until = performance.now() + patience;
    while (this.#clients.inFlight > 0 && performance.now() < until) await sleep(5);
    this.#clients.giveUp();
  }
}

function sleep(duration: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration));
}
