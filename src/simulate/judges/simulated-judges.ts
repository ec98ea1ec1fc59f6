/** Common judges of a simulated run, with what they are given of it. */
import type { Judgement } from "../../check/judgement.ts";
import type { PropertyId } from "../../check/properties.ts";
import type { MakeJudge } from "../../judges/judge.ts";
import { Panel } from "../../judges/panel.ts";
import type { Listener } from "../trace/bus.ts";
import type { Case } from "./case.ts";
import { SimulatedTruth, simulatedCase } from "./simulated-world.ts";
import { SimulatedStream } from "./stream.ts";
import { VirtualTiming } from "./virtual-timing.ts";

export class SimulatedJudges {
  /** In the order in which each event is to be heard. */
  readonly listeners: readonly Listener[];
  readonly #panel: Panel;

  constructor(makes: readonly MakeJudge[], theCase: Case) {
    const truth = new SimulatedTruth(theCase);
    const timing = new VirtualTiming(theCase);
    this.#panel = new Panel(simulatedCase(theCase, { truth, timing }), makes);
    this.listeners = makes.length === 0 ? [] : [truth, timing, new SimulatedStream(this.#panel, truth, theCase)];
  }

  /** Properties whose judges were given no event. */
  get withoutEvents(): readonly PropertyId[] {
    return this.#panel.withoutEvents;
  }

  /** Once, after the last event. */
  finish(): readonly Judgement[] {
    return this.#panel.finish();
  }
}
