/** The judges of one run: what they share, each of them, and whether they were shown all of it. */
import type { Judgement } from "../../check/judgement.ts";
import type { PropertyId } from "../../check/properties.ts";
import { judges as common } from "../../judges/registry.ts";
import type { Listener } from "../trace/bus.ts";
import { Completeness } from "./completeness.ts";
import type { Case, OnlineJudge } from "./judge.ts";
import { onlineJudges } from "./registry.ts";
import { Scene } from "./scene.ts";
import { SimulatedJudges } from "./simulated-judges.ts";

export class Panel {
  readonly #scene: Scene;
  readonly #common: SimulatedJudges;
  readonly #judges: readonly OnlineJudge[];
  readonly #completeness: Completeness;
  readonly #properties: readonly PropertyId[];

  /** @param properties those without a judge here are passed over */
  constructor(theCase: Case, properties: readonly PropertyId[]) {
    this.#properties = properties;
    this.#scene = new Scene(theCase);
    const makes = properties.flatMap((id) => common[id] ?? []);
    this.#common = new SimulatedJudges(makes, theCase, this.#scene);
    this.#judges = properties.flatMap((id) => onlineJudges[id]?.(theCase, this.#scene) ?? []);
    this.#completeness = new Completeness(theCase, this.#scene);
  }

  /** In the order in which each event is to be heard. */
  get listeners(): readonly Listener[] {
    return [this.#scene, this.#completeness, this.#common, ...this.#judges];
  }

  /** Properties whose judges have heard nothing. */
  unheard(bus: { hasReached(listener: Listener): boolean }): readonly PropertyId[] {
    const own = this.#judges.filter((one) => !bus.hasReached(one)).map(({ property }) => property);
    return [...this.#common.withoutEvents, ...own];
  }

  /** Once, after the last event. In the order in which the properties were given. */
  finish(): readonly Judgement[] {
    const all = [...this.#common.finish(), ...this.#judges.map((one) => one.finish())];
    const rank = ({ property }: Judgement): number => this.#properties.indexOf(property);
    return all.sort((one, other) => rank(one) - rank(other)).map((judgement) => this.#completeness.judge(judgement));
  }
}
