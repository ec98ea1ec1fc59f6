/** The smallest plan so far that still breaks its property, and the budget that remains for a smaller one. */
import type { PropertyId } from "../../check/properties.ts";
import { SettingsError } from "../../scheduler/errors.ts";
import { createScheduler as ours } from "../../scheduler/scheduler.ts";
import type { Plan } from "../plan/plan.ts";
import type { ExplicitPlan } from "../plan/plan-file.ts";
import { type Run, type RunOptions, runPlan } from "../run/run.ts";
import type { Draw } from "../world/streams.ts";

export interface ShrinkOptions {
  readonly plan: Plan;
  /** The property that has to stay broken. */
  readonly property: PropertyId;
  /** The mutant that breaks it where the scheduler as it is does not; a smaller plan must keep this difference. */
  readonly createScheduler?: typeof ours | undefined;
  /** The bound on simulated events. */
  readonly events?: number;
  /** Ends the search early: then the result depends on the machine's speed too. */
  readonly isOver?: () => boolean;
  readonly onProgress?: (text: string) => void;
}

const usualEvents = 2_000_000;

export class Search {
  readonly #options: ShrinkOptions;
  best: Plan;
  events = 0;
  runs = 0;

  constructor(options: ShrinkOptions) {
    this.#options = options;
    this.best = options.plan;
  }

  get isSpent(): boolean {
    const { events = usualEvents, isOver } = this.#options;
    return this.events >= events || isOver?.() === true;
  }

  /** @returns whether it breaks the property too; then it is the best from now on */
  async tries(candidate: Plan | null): Promise<boolean> {
    if (candidate === null || this.isSpent || !(await this.isBroken(candidate))) return false;
    this.best = candidate;
    return true;
  }

  async isBroken(plan: Plan): Promise<boolean> {
    const { createScheduler, property } = this.#options;
    const verdictOf = ({ broken, judgements }: Run) =>
      broken === null ? judgements.find((one) => one.property === property)?.verdict : "broken";
    try {
      if (verdictOf(await this.run(plan)) !== "violated") return false;
      if (createScheduler === undefined) return true;
      const right = verdictOf(await this.run(plan, { createScheduler: ours }));
      return right !== "violated" && right !== "broken";
    } catch (error) {
      if (error instanceof SettingsError) return false; // contradictory settings: no such plan
      throw error;
    }
  }

  async run(plan: Plan, more: Pick<RunOptions, "createScheduler" | "onDraw"> = {}): Promise<Run> {
    const { createScheduler, property } = this.#options;
    this.runs += 1;
    const run = await runPlan({ plan, properties: [property], createScheduler, ...more });
    this.events += run.events;
    return run;
  }

  /** The best plan with all its draws listed. */
  async written(): Promise<ExplicitPlan> {
    const { best } = this;
    if (best.draws !== undefined) return { ...best, draws: best.draws };
    const draws: Draw[] = [];
    await this.run(best, { onDraw: (draw) => draws.push(draw) });
    return { ...best, seed: 0, draws, reseeded: undefined };
  }

  report(step: string): void {
    const { actions, faults, scenario } = this.best;
    const { instances, nodes } = scenario.topology;
    const size = `${faults.length} faults, ${actions.length} actions, ${instances} instances, ${nodes} nodes`;
    this.#options.onProgress?.(`shrinking: ${size}, ${Math.round(scenario.duration)} ms   ${step}, run ${this.runs}`);
  }
}
