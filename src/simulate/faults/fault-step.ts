/** The common part of all faults: their targets, the times of their steps, and their events. */
import { endOf, type Fault, type FaultKind, instancesOf } from "../../../scenarios/declare/fault-kinds.ts";
import type { Millis } from "../../protocol/time.ts";
import type { FaultDone } from "../trace/events.ts";
import type { Instance } from "../world/instance.ts";
import type { World } from "../world/world.ts";

export type FaultOf<Kind extends FaultKind> = Extract<Fault, { readonly kind: Kind }>;

/** One action at one time. */
export interface Step {
  readonly at: Millis;
  readonly step: FaultDone["step"];
  run(): void;
}

/** One fault of a plan, in its world. */
export class FaultCase<Kind extends FaultKind> {
  readonly fault: FaultOf<Kind>;
  /** Its index in the plan. */
  readonly index: number;
  readonly world: World;

  constructor(fault: FaultOf<Kind>, index: number, world: World) {
    this.fault = fault;
    this.index = index;
    this.world = world;
  }

  /** A fault of one moment. */
  once(run: () => void): readonly Step[] {
    return [{ at: this.fault.at, step: "inject", run }];
  }

  /** A fault that lasts until it is healed. */
  lasting(inject: () => void, heal: () => void): readonly Step[] {
    return [
      { at: this.fault.at, step: "inject", run: inject },
      { at: endOf(this.fault), step: "heal", run: heal },
    ];
  }

  record(step: Step["step"], instance: number | null, link: FaultDone["link"], cutsOff: boolean): void {
    const { bus, timeline } = this.world;
    const { kind: name } = this.fault;
    bus.emit({ kind: "fault", at: timeline.now, fault: this.index, name, instance, link, step, cutsOff });
  }

  /** The instances that it affects. */
  targets(): readonly Instance[] {
    const { instances } = this.world;
    return instancesOf(this.fault, instances.length).flatMap((index) => instances[index] ?? []);
  }
}
