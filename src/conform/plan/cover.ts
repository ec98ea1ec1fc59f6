/** The plans of a batch in which some script first gave some answer: together they show every script with each of its answers. */
import type { StepRecord } from "../execute.ts";
import type { Plan } from "./plan.ts";

export class Cover {
  readonly #answers = new Set<string>();
  readonly #plans = new Set<Plan>();

  /** In the order of their runs. */
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
