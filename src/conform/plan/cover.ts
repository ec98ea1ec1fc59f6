/** The plans of a batch in which some script first gave some answer: whoever watches these has seen every script on all its ways out. */
import type { StepRecord } from "../execute.ts";
import type { Plan } from "./plan.ts";

export class Cover {
  readonly #answers = new Set<string>();
  readonly #plans = new Set<Plan>();

  /** In the order in which they were run. */
  get plans(): readonly Plan[] {
    return [...this.#plans];
  }

  stepped(plan: Plan, { resolved, advanced }: StepRecord): void {
    if (!resolved || !advanced) return;
    const answer = `${resolved.command.kind} ${advanced.reply.kind}`;
    if (this.#answers.has(answer)) return;
    this.#answers.add(answer);
    this.#plans.add(plan);
  }
}
