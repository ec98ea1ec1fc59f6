/** Does to the world what a scenario declares, at the declared times; each kind says how in a file of its family. */
import type { Fault } from "../../scenarios/fault-kinds.ts";
import { BrokenRunError } from "../report/failure.ts";
import { clockSteps } from "./clock-faults.ts";
import { callSteps, messageSteps } from "./command-faults.ts";
import { failoverSteps, splitBrainSteps } from "./failover.ts";
import { instanceSteps } from "./instance-faults.ts";
import { networkSteps } from "./network-faults.ts";
import { serverSteps } from "./server-faults.ts";
import { migrationSteps } from "./slot-migration.ts";
import type { Step } from "./step.ts";
import type { World } from "./world.ts";

/** Runs the timeline to its end, or until `signal`. The load's time 0 is the recorder's. */
export async function runFaults(faults: readonly Fault[], world: World, signal: AbortSignal): Promise<void> {
  const steps = faults
    .flatMap((fault, index) => stepsOf(fault, index, world))
    .sort((a, b) => a.at - b.at || orders[a.does] - orders[b.does]);
  const goingOn: Promise<{ readonly error: unknown } | null>[] = [];
  for (const step of steps) {
    const wait = step.at - world.recorder.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    if (signal.aborted) break;
    const done = step.run();
    if (step.others !== "go_on") await done;
    else
      goingOn.push(
        done.then(
          () => null,
          (error: unknown) => ({ error }),
        ),
      );
  }
  for (const ended of await Promise.all(goingOn)) if (ended !== null) throw ended.error;
}

const orders: Readonly<Record<Step["does"], number>> = { inject: 0, heal: 1 };

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
      return networkSteps({ fault, index, world });
    case "reply_lost":
    case "command_delayed":
    case "command_held":
    case "command_repeated":
      return callSteps({ fault, index, world });
    case "wake_up_dropped":
      return messageSteps({ fault, index, world });
    case "redis_pause":
    case "redis_restart":
    case "script_flush":
    case "client_kill":
    case "client_pause":
    case "redis_busy":
    case "redis_out_of_memory":
    case "redis_readonly":
    case "redis_loading":
    case "flush_all":
    case "feed_entry_deleted":
    case "wrong_type":
      return serverSteps({ fault, index, world });
    case "redis_failover":
      return failoverSteps({ fault, index, world });
    case "redis_split_brain":
      return splitBrainSteps({ fault, index, world });
    case "slot_migration":
      return migrationSteps({ fault, index, world });
    case "instance_crash":
    case "instance_pause":
    case "instance_slow":
      return instanceSteps({ fault, index, world });
    case "clock_jump":
      return clockSteps({ fault, index, world });
    case "redis_former_primary":
      throw new BrokenRunError(`${fault.kind} cannot be done to a real server`, {
        where: `faults[${index}]`,
        fix: "run the scenario in the simulator",
      });
  }
}
