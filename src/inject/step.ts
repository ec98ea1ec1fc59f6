/** One thing to do to the world at its time, and how it is taken down. */
import type { Fault } from "../../scenarios/fault-kinds.ts";
import type { FaultStep, Millis } from "../check/history.ts";
import type { LinkName } from "./links.ts";
import type { World } from "./world.ts";

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

export interface Placed<Kind extends Fault> {
  readonly fault: Kind;
  /** Its place in the scenario's list. */
  readonly index: number;
  readonly world: World;
}

/** Whether commands can be answered within their deadlines while it is in force. */
type CutsOff = FaultStep["cuts_off"];

/** There was nobody to do it to: it is not taken down, so the run says that it never took effect. */
export const metNobody = Symbol("met nobody");

/** Does something to the servers, hence to all instances, and takes down when it was asked for and when it was done. */
export async function onServers(
  { fault, index, world }: Placed<Fault>,
  step: FaultStep["step"],
  cutsOff: CutsOff,
  work: () => Promise<unknown>,
): Promise<void> {
  const { recorder } = world;
  const asked = recorder.now();
  if ((await work()) === metNobody) return;
  const place = { kind: "fault", fault: index, name: fault.kind, instance: null, link: "server" } as const;
  recorder.event({ ...place, step, cuts_off: cutsOff, asked, done: recorder.now() });
}
