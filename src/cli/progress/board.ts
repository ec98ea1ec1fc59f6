/** Shows on a terminal how far a verify is: the layer that runs in a line that is overwritten, each layer that has ended in a line that stays. */
import type { Verdict } from "../../check/verdict.ts";
import { joinVerdicts } from "../../check/verdict.ts";
import type { LayerName } from "../../evidence/evidence.ts";
import { verdictWords } from "../../evidence/words.ts";
import type { GatePlan, GateStep } from "../../verify/gate.ts";
import type { ProfileName } from "../../verify/profiles.ts";
import type { Output } from "../printing/output.ts";
import { Forecast } from "./forecast.ts";
import { layerText, runText } from "./line.ts";

/** ms between two drawings while no step says anything. */
const every = 1_000;

// Bound at the start: during a simulated run guards replace the global functions.
const { clearInterval, setInterval } = globalThis;

interface Tally {
  readonly steps: number;
  ended: number;
  readonly verdicts: Verdict[];
}

export interface BoardOptions {
  readonly output: Pick<Output, "isLive" | "progress" | "settled">;
  /** Monotone milliseconds. */
  now(): number;
  readonly profile: ProfileName;
  /** ms */
  readonly budget: number;
}

export class ProgressBoard implements Disposable {
  readonly #options: BoardOptions;
  readonly #start: number;
  readonly #timer: NodeJS.Timeout | null;
  #plan: Pick<GatePlan, "rounds" | "steps"> | null = null;
  #forecast: Forecast | null = null;
  #tallies = new Map<LayerName, Tally>();
  #current: GateStep | null = null;
  #detail = "";

  constructor(options: BoardOptions) {
    this.#options = options;
    this.#start = options.now();
    this.#timer = options.output.isLive ? setInterval(() => this.#draw(), every).unref() : null;
  }

  begin(plan: Pick<GatePlan, "rounds" | "steps">): void {
    this.#plan = plan;
    this.#forecast = new Forecast(plan, this.#options.profile);
    this.roundBegun(0);
  }

  roundBegun(round: number): void {
    this.#current = null;
    const steps = (this.#plan?.steps ?? []).filter(({ once }) => round === 0 || once !== true);
    const layers = Map.groupBy(steps, ({ layer }) => layer);
    this.#tallies = new Map(
      [...layers].map(([layer, own]) => [layer, { steps: own.length, ended: 0, verdicts: [] as Verdict[] }]),
    );
  }

  stepBegun(step: GateStep): void {
    this.#forecast?.begun(step, this.#options.now());
    // A step beside others is shown when its layer has ended.
    if (step.isBeside !== true) this.#current = step;
    this.#detail = step.name;
    this.#draw();
  }

  stepEnded(step: GateStep, verdict: Verdict): void {
    this.#forecast?.ended(step, this.#options.now());
    const tally = this.#tallies.get(step.layer);
    if (tally === undefined) return;
    tally.ended += 1;
    tally.verdicts.push(verdict);
    if (tally.ended < tally.steps) return;
    const { en } = verdictWords[joinVerdicts(tally.verdicts)];
    this.#options.output.settled(`${layerText({ layer: step.layer, ...tally })}  ${en}`);
  }

  /** Where there is no terminal that can be overwritten, it is all that is shown, once a minute. */
  detail(text: string): void {
    this.#detail = text;
    this.#draw();
  }

  #draw(): void {
    const { budget, now, output } = this.#options;
    const layer = this.#current?.layer;
    const tally = layer === undefined ? undefined : this.#tallies.get(layer);
    if (!output.isLive || layer === undefined || tally === undefined) {
      output.progress(this.#detail);
      return;
    }
    const elapsed = now() - this.#start;
    const left = Math.min(this.#forecast?.left(now()) ?? budget, Math.max(0, budget - elapsed));
    output.progress(`${layerText({ layer, ...tally })}  ${runText({ elapsed, budget, left, detail: this.#detail })}`);
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }
}
