/** Schedules the faults of a plan: each fault has a step that injects it and one that heals it. */
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { newLane } from "../world/virtual-time.ts";
import type { World } from "../world/world.ts";
import { FaultCase, type Step } from "./fault-step.ts";
import { instanceSteps } from "./instance-faults.ts";
import { killSteps, linkSteps } from "./link-faults.ts";
import { callSteps, wakeUpSteps } from "./message-faults.ts";
import {
  conditionSteps,
  failoverSteps,
  formerPrimarySteps,
  loadingSteps,
  migrationSteps,
  momentSteps,
  restartSteps,
  splitSteps,
  wrongTypeSteps,
} from "./server-faults.ts";

/** Sets all faults on the timeline. The load begins at 0. */
export function setFaults(faults: readonly Fault[], world: World): void {
  const lane = newLane();
  // An injection comes before a heal at the same time, so that consecutive faults leave no healthy moment between them.
  const steps = faults
    .flatMap((fault, index) => stepsOf(fault, index, world))
    .sort((a, b) => a.at - b.at || Number(a.step === "heal") - Number(b.step === "heal"));
  for (const step of steps) world.timeline.onLane(lane, step.at - world.timeline.now, null, () => step.run());
}

function stepsOf(fault: Fault, index: number, world: World): readonly Step[] {
  switch (fault.kind) {
    case "redis_latency":
    case "redis_bandwidth":
    case "redis_blackhole":
    case "redis_refused":
    case "redis_reset":
    case "redis_half_open":
    case "redis_slow_close":
    case "redis_sliced":
      return linkSteps(new FaultCase(fault, index, world));
    case "client_kill":
      return killSteps(new FaultCase(fault, index, world));
    case "reply_lost":
    case "command_delayed":
    case "command_held":
    case "command_repeated":
      return callSteps(new FaultCase(fault, index, world));
    case "wake_up_dropped":
      return wakeUpSteps(new FaultCase(fault, index, world));
    case "redis_pause":
      return conditionSteps(new FaultCase(fault, index, world), "standing");
    case "redis_busy":
      return conditionSteps(new FaultCase(fault, index, world), "busy");
    case "redis_loading":
      return loadingSteps(new FaultCase(fault, index, world));
    case "redis_out_of_memory":
      return conditionSteps(new FaultCase(fault, index, world), "out_of_memory");
    case "redis_readonly":
      return conditionSteps(new FaultCase(fault, index, world), "readonly");
    case "client_pause":
      return conditionSteps(new FaultCase(fault, index, world), "scripts_wait");
    case "wrong_type":
      return wrongTypeSteps(new FaultCase(fault, index, world));
    case "redis_restart":
      return restartSteps(new FaultCase(fault, index, world));
    case "redis_failover":
      return failoverSteps(new FaultCase(fault, index, world));
    case "redis_split_brain":
      return splitSteps(new FaultCase(fault, index, world));
    case "redis_former_primary":
      return formerPrimarySteps(new FaultCase(fault, index, world));
    case "slot_migration":
      return migrationSteps(new FaultCase(fault, index, world));
    case "script_flush":
    case "flush_all":
    case "feed_entry_deleted":
    case "clock_jump":
      return momentSteps(new FaultCase(fault, index, world));
    case "instance_crash":
    case "instance_close":
    case "instance_pause":
    case "instance_slow":
    case "client_broken":
      return instanceSteps(new FaultCase(fault, index, world));
  }
}
