/** Faults of the scheduler's own process. */
import { endOf } from "../../../scenarios/declare/fault-kinds.ts";
import type { Instance } from "../world/instance.ts";
import type { World } from "../world/world.ts";
import type { FaultCase, FaultOf, Step } from "./fault-step.ts";

export type InstanceFaultKind =
  | "instance_crash"
  | "instance_close"
  | "instance_pause"
  | "instance_slow"
  | "client_broken";

export function instanceSteps(one: FaultCase<InstanceFaultKind>): readonly Step[] {
  const { fault, world } = one;
  const each = (step: Step["step"], act: (instance: Instance) => void) => (): void => {
    for (const instance of one.targets()) {
      act(instance);
      one.record(step, instance.index, fault.kind === "client_broken" ? "commands" : "process", false);
    }
  };
  switch (fault.kind) {
    case "instance_crash":
      return one.lasting(
        each("inject", (instance) => instance.crash()),
        each("heal", (instance) => instance.start()),
      );
    case "instance_close":
      return one.lasting(
        each("inject", (instance) => instance.close()),
        each("heal", (instance) => {
          instance.end();
          instance.start();
        }),
      );
    case "instance_pause":
      return one.lasting(
        each("inject", (instance) => instance.pause()),
        each("heal", (instance) => instance.resume()),
      );
    case "client_broken":
      return one.lasting(
        each("inject", (instance) => instance.breakClient(1)),
        each("heal", (instance) => instance.breakClient(-1)),
      );
    case "instance_slow":
      return one.lasting(
        each("inject", (instance) => blockRepeatedly(instance, fault, world)),
        each("heal", () => {}),
      );
  }
}

/** Pauses and resumes the instance until the fault ends. */
function blockRepeatedly(instance: Instance, fault: FaultOf<"instance_slow">, { timeline }: World): void {
  const blocks = Math.min(fault.blocks, fault.every);
  const turn = (): void => {
    if (timeline.now + blocks > endOf(fault)) return;
    instance.pause();
    timeline.after(blocks, null, () => instance.resume());
    timeline.after(fault.every, null, turn);
  };
  turn();
}
