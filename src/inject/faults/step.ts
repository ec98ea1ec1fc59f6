/** The steps of faults: what is done to the world at which time, and how it is recorded. */
import { endOf, type Fault } from "../../../scenarios/declare/fault-kinds.ts";
import type { FaultStep, Millis } from "../../check/history.ts";
import type { LinkName } from "../network/links.ts";
import type { World } from "../world.ts";

export interface Step {
  readonly at: Millis;
  /** At equal times injections come first, so that consecutive faults leave no healthy moment between them. */
  readonly does: FaultStep["step"];
  readonly run: () => Promise<void>;
  /** The parts of the world that it changes. Steps that share a place run one after the other, in the order of their times. */
  readonly places: readonly string[];
}

/** Faults of the servers run one after the other: they exchange the roles of primary and replica, and have the observer hold back writes. */
export const serverPlace = "server";

export function linkPlace(instance: number, link: LinkName): string {
  return `${link} of instance ${instance}`;
}

/** Places of a step that points links at another server. */
export function allLinkPlaces({ links }: Pick<World, "links">): readonly string[] {
  return links.flatMap(({ commands, feed }, instance) => [commands, feed].map(({ name }) => linkPlace(instance, name)));
}

/** The two steps of a fault that begins and ends. Both change `places`. */
export function spanSteps(
  fault: Fault,
  places: readonly string[],
  steps: { readonly inject: Step["run"]; readonly heal: Step["run"] },
): readonly Step[] {
  return [
    { at: fault.at, does: "inject", places, run: steps.inject },
    { at: endOf(fault), does: "heal", places, run: steps.heal },
  ];
}

export function sleep(duration: Millis): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration));
}

/** When a fault came into force; null: not yet, or there was nothing to inject it into. */
export class Beginning {
  #at: Millis | null = null;

  get at(): Millis | null {
    return this.#at;
  }

  /** The first time counts. */
  record(at: Millis): void {
    this.#at ??= at;
  }

  /** A fault that began late ends as much later: it is in force for as long as it is declared to last. */
  async untilLasted(lasts: Millis, { recorder }: Pick<World, "recorder">): Promise<void> {
    if (this.#at === null) return;
    const left = this.#at + lasts - recorder.now();
    if (left > 0) await sleep(left);
  }
}

export interface Placed<Kind extends Fault> {
  readonly fault: Kind;
  /** Its place in the scenario's list. */
  readonly index: number;
  readonly world: World;
}

/** There was nothing to inject the fault into. It is not recorded, so the run reports that it never took effect. */
export const noTarget = Symbol("no target");

/** The step succeeded, and nothing shows its effect. The run reports that. */
export const noEffect = Symbol("no effect");

/** The part of the declaration that the history records with the beginning of a fault. */
export function declared(fault: Fault): Pick<FaultStep, "due" | "lasts"> {
  const lasts = "lasts" in fault ? { lasts: fault.lasts } : {};
  // A half-open connection begins when there is a connection.
  return fault.kind === "redis_half_open" ? lasts : { due: fault.at, ...lasts };
}

/** Waits until the fault had something to act on, at most until the load ends. */
export async function untilMet({ loadEnds, recorder }: World, isMet: () => boolean | Promise<boolean>): Promise<void> {
  const until = loadEnds ?? Number.NEGATIVE_INFINITY;
  while (recorder.now() < until && !(await isMet())) await sleep(2);
}
