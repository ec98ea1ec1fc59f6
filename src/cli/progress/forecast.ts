/** Forecasts how long a verify still takes: expected times of the steps left, times how much slower than expected the steps so far were. */
import type { LayerName } from "../../evidence/evidence.ts";
import type { GatePlan, GateStep } from "../../verify/gate.ts";
import { type ProfileName, profiles } from "../../verify/profiles.ts";

/** ms that all steps of a layer add to a quick round, on two quiet cores. */
const quick: Readonly<Record<LayerName, number>> = {
  ...{ canary: 10_000, explore: 12_000, conform: 16_000, simulate: 46_000 },
  ...{ inject: 90_000, check: 0, bench: 21_000, mutants: 120_000 },
};
/** The first steps say little about the speed of the machine: so many ms are taken to be as expected. */
const prior = 10_000;

/** How many times more than in a quick round a step of this layer does. */
function sizeOf(layer: LayerName, profile: ProfileName): number {
  const { conformRuns, simulatedSeeds } = profiles[profile];
  if (layer === "conform") return conformRuns / profiles.quick.conformRuns;
  return layer === "simulate" ? simulatedSeeds.declared / profiles.quick.simulatedSeeds.declared : 1;
}

export class Forecast {
  readonly #expected = new Map<GateStep, number>();
  readonly #rounds: number;
  /** Expected ms of the steps that have ended. */
  #done = 0;
  /** When the first step began, and the last one that has ended did. */
  #from: number | null = null;
  #since = 0;
  #current: GateStep | null = null;

  constructor({ rounds, steps }: Pick<GatePlan, "rounds" | "steps">, profile: ProfileName) {
    this.#rounds = rounds;
    const counts = Map.groupBy(steps, ({ layer }) => layer);
    for (const step of steps) {
      const share = (quick[step.layer] * sizeOf(step.layer, profile)) / (counts.get(step.layer)?.length ?? 1);
      // A step beside others takes no time of its own.
      this.#expected.set(step, step.isBeside === true ? 0 : share);
    }
  }

  /** @param now monotone milliseconds */
  begun(step: GateStep, now: number): void {
    this.#from ??= now;
    if (this.#current === null) this.#since = now;
    if (step.isBeside !== true) this.#current = step;
  }

  ended(step: GateStep, now: number): void {
    if (step.isBeside === true) return;
    this.#done += this.#of(step);
    this.#since = now;
  }

  /** ms until the last step has ended; more than any budget where the rounds have no end */
  left(now: number): number {
    const took = this.#from === null ? 0 : this.#since - this.#from;
    const slower = (took + prior) / (this.#done + prior);
    const running = this.#current;
    const spent = running === null ? 0 : Math.min((now - this.#since) / slower, this.#of(running));
    return Math.max(0, this.#whole - this.#done - spent) * slower;
  }

  get #whole(): number {
    let sum = 0;
    for (const [{ once }, expected] of this.#expected) sum += expected === 0 ? 0 : expected * (once ? 1 : this.#rounds);
    return sum;
  }

  #of(step: GateStep): number {
    return this.#expected.get(step) ?? 0;
  }
}
