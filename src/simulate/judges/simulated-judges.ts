/** Common judges, as listeners to a simulated run. */
import type { Judgement } from "../../check/judgement.ts";
import type { PropertyId } from "../../check/properties.ts";
import type { MakeJudge } from "../../judges/judge.ts";
import { Panel } from "../../judges/panel.ts";
import type { Heard, Listener } from "../trace/bus.ts";
import type { SimEvent } from "../trace/events.ts";
import type { Case } from "./case.ts";
import { SimulatedTruth, simulatedCase } from "./simulated-world.ts";
import { SimulatedStream } from "./stream.ts";
import { VirtualTiming } from "./virtual-timing.ts";

export class SimulatedJudges implements Listener {
  readonly hears: readonly Heard[];
  readonly #truth: SimulatedTruth;
  readonly #timing: VirtualTiming;
  readonly #panel: Panel;
  readonly #stream: SimulatedStream;

  constructor(makes: readonly MakeJudge[], theCase: Case) {
    this.#truth = new SimulatedTruth(theCase);
    this.#timing = new VirtualTiming(theCase);
    this.#panel = new Panel(simulatedCase(theCase, { truth: this.#truth, timing: this.#timing }), makes);
    this.#stream = new SimulatedStream(this.#panel, this.#truth, theCase);
    this.hears = makes.length === 0 ? [] : [...this.#truth.hears, ...this.#timing.hears, ...this.#stream.hears];
  }

  /** Properties whose judges were given no event. */
  get withoutEvents(): readonly PropertyId[] {
    return this.#panel.withoutEvents;
  }

  on(event: SimEvent): void {
    this.#truth.on(event);
    this.#timing.on(event);
    this.#stream.on(event);
  }

  /** Once, after the last event. */
  finish(): readonly Judgement[] {
    return this.#panel.finish();
  }
}
