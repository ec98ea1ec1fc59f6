/** Common judges, as listeners to a simulated run. */
import type { Judgement } from "../../check/judgement.ts";
import type { PropertyId } from "../../check/properties.ts";
import type { MakeJudge } from "../../judges/judge.ts";
import { Panel } from "../../judges/panel.ts";
import type { Heard, Listener } from "../trace/bus.ts";
import type { SimEvent } from "../trace/events.ts";
import type { Case } from "./case.ts";
import type { Scene } from "./scene.ts";
import { SimulatedTruth, simulatedCase } from "./simulated-world.ts";
import { SimulatedStream } from "./stream.ts";

export class SimulatedJudges implements Listener {
  readonly hears: readonly Heard[];
  readonly #truth: SimulatedTruth;
  readonly #panel: Panel;
  readonly #stream: SimulatedStream;

  /** @param scene has heard each event before */
  constructor(makes: readonly MakeJudge[], theCase: Case, scene: Scene) {
    this.#truth = new SimulatedTruth(scene);
    this.#panel = new Panel(simulatedCase(theCase, scene, this.#truth), makes);
    this.#stream = new SimulatedStream(this.#panel, scene, theCase);
    this.hears = makes.length === 0 ? [] : [...this.#truth.hears, ...this.#stream.hears];
  }

  /** Properties whose judges were given no event. */
  get withoutEvents(): readonly PropertyId[] {
    return this.#panel.withoutEvents;
  }

  on(event: SimEvent): void {
    if (event.kind === "config_stepped" || event.kind === "stepped" || event.kind === "server") this.#truth.on(event);
    this.#stream.on(event);
  }

  /** Once, after the last event. */
  finish(): readonly Judgement[] {
    return this.#panel.finish();
  }
}
