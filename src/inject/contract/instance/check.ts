/** A claim about an instance by itself: what it asks, answers and reports, on ports that the check scripts. No server takes part, and no time passes. */
import type { PropertyId } from "../../../check/properties.ts";
import type { createScheduler } from "../../../scheduler/scheduler.ts";
import type { Found } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { type MakeStage, Stage } from "./stage.ts";

export interface InstanceCheck {
  /** Unique; after `contract-` the subject of its token. */
  readonly id: string;
  readonly property: PropertyId;
  readonly claim: string;
  /** It measures what other checks beside it would change. */
  readonly isAlone?: true;
  readonly perform: (stage: MakeStage, compare: Comparisons) => Promise<void>;
}

export async function performed({ perform }: InstanceCheck, create: typeof createScheduler): Promise<Found> {
  const compare = new Comparisons();
  await perform((settings = {}, observe = () => {}) => new Stage(create, settings, observe), compare);
  return compare.found;
}
