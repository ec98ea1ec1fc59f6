/** One thing to do to the world at its time, and how it is taken down. */
import type { Fault } from "../../scenarios/fault-kinds.ts";
import type { FaultStep, Millis } from "../check/history.ts";
import type { World } from "./world.ts";

export interface Step {
  readonly at: Millis;
  /** Of two steps at one time the one that begins a fault comes first, so that what follows at once leaves no moment of health between. */
  readonly does: FaultStep["step"];
  readonly run: () => Promise<void>;
  /** Whether what comes later waits for it, as is usual; a start of an instance may itself have to wait for what comes later. */
  readonly others?: "wait" | "go_on";
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
