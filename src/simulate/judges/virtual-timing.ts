/** How much of a delay in a simulated run is not the scheduler's: none, unless its instance was stopped or dead. */
import type { Millis } from "../../check/history.ts";
import type { Judgement } from "../../check/judgement.ts";
import type { ModeChanged } from "../../judges/event.ts";
import type { Blame, Timing } from "../../judges/timing.ts";
import type { Listener } from "../trace/bus.ts";
import type { FaultDone, SimEvent } from "../trace/events.ts";
import { ticksInMs } from "../world/virtual-time.ts";
import type { Case } from "./case.ts";
import { Presence } from "./presence.ts";

/** An instance that is neither dead nor stopped runs, so that all that is late is its own doing. */
export class VirtualTiming implements Timing, Listener {
  readonly hears = ["instance", "fault"] as const;
  /** Time is counted in ticks; what happens at once takes none. */
  readonly grain: Millis = 1 / ticksInMs + 1e-6;
  readonly watchedSince: Millis = Number.NEGATIVE_INFINITY;
  readonly openText = "late by no more than the instance was kept waiting";
  readonly rounding: Millis = 0.1;
  readonly atOnce: Millis = this.grain;
  readonly longestWait = null;
  readonly cutShort = null;
  readonly #presence: Presence;
  /** By instance: whether the last fault that began on it cuts it off. */
  readonly #isCutOff: boolean[];
  readonly #case: Pick<Case, "budget" | "instances" | "processors" | "settings">;

  constructor(theCase: Pick<Case, "budget" | "instances" | "processors" | "settings">) {
    this.#case = theCase;
    this.#presence = new Presence(theCase.instances);
    this.#isCutOff = Array.from({ length: theCase.instances }, () => false);
  }

  on(event: SimEvent): void {
    if (event.kind === "instance") this.#presence.on(event);
    else if (event.kind === "fault" && event.step === "inject") this.#injected(event);
  }

  /** Where computing is charged for: what reads and selections took of the processor until they answered or had to ask, and the longest step of all. */
  get measures(): Judgement["measures"] {
    const { budget, processors, settings } = this.#case;
    if (processors === undefined) return [];
    const { spent } = processors;
    const longest = Math.max(0, ...[...spent.values()].map((one) => one.longest));
    return [
      { name: "cpu_us_of_a_read_max", value: spent.get("getNode")?.longest ?? 0 },
      { name: "cpu_us_of_a_selection_max", value: spent.get("selectNodes")?.longest ?? 0 },
      { name: "cpu_us_of_a_step_max", value: longest, threshold: (budget - settings.readDeadline) * 1_000 },
    ];
  }

  ran(instance: number, from: Millis, to: Millis): Millis {
    return this.#presence.ran(instance, from, to);
  }

  kept(): Millis {
    return 0;
  }

  wasAway(instance: number, from: Millis, to: Millis): boolean {
    return this.#presence.wasDead(instance, from, to);
  }

  wasStopped(instance: number, from: Millis, to: Millis): boolean {
    return this.#presence.stood(instance, from, to);
  }

  presentSince(instance: number): Millis {
    return this.#presence.bornAt(instance);
  }

  /** One that is stopped runs for none of the time, so that the time counts for nothing. */
  firstPresent(_: number, since: Millis): Millis {
    return since;
  }

  blame(): Blame {
    return "instance";
  }

  blameForCall(): Blame {
    return "instance";
  }

  blameForSilence(): Blame {
    return "instance";
  }

  /** Under a fault that does not cut off, each answer that comes too late is one of the fault's own. */
  blameForDeparture({ instance }: ModeChanged): Blame {
    return this.#isCutOff[instance] === true ? "instance" : "machine";
  }

  blameForAbsence(): Blame {
    return "instance";
  }

  blameForReturn(): Blame {
    return "instance";
  }

  isReturnMarginal(): boolean {
    return false;
  }

  blameWithServers(): Blame {
    return "instance";
  }

  isMarginal(): boolean {
    return false;
  }

  waitText(): string {
    return "counting only while the instance ran";
  }

  #injected({ cutsOff, instance }: FaultDone): void {
    if (instance === null) this.#isCutOff.fill(cutsOff);
    else this.#isCutOff[instance] = cutsOff;
  }
}
