/** One thing to do to the world at its time, and how it is taken down. */
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import type { FaultStep, Millis } from "../../check/history.ts";
import type { LinkName } from "../network/links.ts";
import type { World } from "../world.ts";

export interface Step {
  readonly at: Millis;
  /** Of two steps at one time the one that begins a fault comes first, so that what follows at once leaves no moment of health between. */
  readonly does: FaultStep["step"];
  readonly run: () => Promise<void>;
  /** What it works on. Steps that share a place run one after the other, in the order of their times. */
  readonly places: readonly string[];
}

/** All that is done to the servers themselves is done in turn: it moves the roles of primary and replica, and has the observer hold back writes. */
export const serverPlace = "server";

export function linkPlace(instance: number, link: LinkName): string {
  return `${link} of instance ${instance}`;
}

/** For what leads links to another server. */
export function allLinkPlaces({ links }: Pick<World, "links">): readonly string[] {
  return links.flatMap(({ commands, feed }, instance) => [commands, feed].map(({ name }) => linkPlace(instance, name)));
}

export function sleep(duration: Millis): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration));
}

/** When a fault came into force; null: not yet, or nobody was there to be met. */
export class Beginning {
  #at: Millis | null = null;

  get at(): Millis | null {
    return this.#at;
  }

  came(at: Millis): void {
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

/** There was nobody to do it to: it is not taken down, so the run says that it never took effect. */
export const metNobody = Symbol("met nobody");

/** The world says that it was done, and nothing shows it: the run says so. */
export const notSeen = Symbol("not seen");

/** What the declaration says of the beginning of a fault, for the history. */
export function declared(fault: Fault): Pick<FaultStep, "due" | "lasts"> {
  const lasts = "lasts" in fault ? { lasts: fault.lasts } : {};
  // It begins when there is a connection to be met.
  return fault.kind === "redis_half_open" ? lasts : { due: fault.at, ...lasts };
}

/** Waits until something was met that the fault is about, at most until the load ends. */
export async function untilMet({ loadEnds, recorder }: World, isMet: () => boolean | Promise<boolean>): Promise<void> {
  const until = loadEnds ?? Number.NEGATIVE_INFINITY;
  while (recorder.now() < until && !(await isMet())) await sleep(2);
}
