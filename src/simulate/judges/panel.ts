/** The judges of one run: what they share, each of them, and whether they were shown all of it. */
import type { Judgement } from "../../check/judgement.ts";
import type { PropertyId } from "../../check/properties.ts";
import { judges } from "../../judges/registry.ts";
import type { Listener } from "../trace/bus.ts";
import type { Case } from "./case.ts";
import { Completeness } from "./completeness.ts";
import { SimulatedJudges } from "./simulated-judges.ts";

export class Panel {
  readonly #judges: SimulatedJudges;
  readonly #completeness: Completeness;

  /** @param properties those without a judge are passed over */
  constructor(theCase: Case, properties: readonly PropertyId[]) {
    const makes = properties.flatMap((id) => judges[id] ?? []);
    this.#judges = new SimulatedJudges(makes, theCase);
    this.#completeness = new Completeness(theCase);
  }

  /** In the order in which each event is to be heard. */
  get listeners(): readonly Listener[] {
    return [this.#completeness, ...this.#judges.listeners];
  }

  /** Properties whose judges have heard nothing. */
  get unheard(): readonly PropertyId[] {
    return this.#judges.withoutEvents;
  }

  /** Once, after the last event. In the order in which the properties were given. */
  finish(): readonly Judgement[] {
    return this.#judges.finish().map((judgement) => this.#completeness.judge(judgement));
  }
}
