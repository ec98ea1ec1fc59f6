/** Injects the declared faults at their declared times. Each family of faults has a file that says how. */
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { BrokenRunError } from "../../evidence/failure.ts";
import type { World } from "../world.ts";
import { callSteps } from "./calls/call-faults.ts";
import { messageSteps } from "./calls/message-faults.ts";
import { clockSteps } from "./clock-faults.ts";
import { failoverSteps, splitBrainSteps } from "./failover.ts";
import { instanceSteps } from "./instance-faults.ts";
import { networkSteps } from "./network-faults.ts";
import { serverSteps } from "./server-faults.ts";
import { migrationSteps } from "./slot-migration.ts";
import { type Step, sleep } from "./step.ts";

/**
 * Runs the timeline to its end, or until `signal`. The load's time 0 is the recorder's. Each step begins at its time: it waits only for earlier steps
 * that change the same place (`Step.places`), so a slow step delays no others.
 * @throws whatever a step throws, at once
 */
export async function runFaults(faults: readonly Fault[], world: World, signal: AbortSignal): Promise<void> {
  const steps = faults
    .flatMap((fault, index) => stepsOf(fault, index, world))
    .sort((a, b) => a.at - b.at || orders[a.does] - orders[b.does]);
  const stop = Promise.withResolvers<void>();
  stop.promise.catch(() => {}); // awaited below; the failure may come earlier
  const onAbort = (): void => stop.resolve();
  signal.addEventListener("abort", onAbort);
  const last = new Map<string, Promise<void>>();
  const running: Promise<void>[] = [];
  try {
    for (const step of steps) {
      const wait = step.at - world.recorder.now();
      if (wait > 0) await Promise.race([sleep(wait), stop.promise]);
      if (signal.aborted) break;
      const done = Promise.all(step.places.map((place) => last.get(place))).then(() => step.run());
      for (const place of step.places) last.set(place, done);
      done.catch(stop.reject);
      running.push(done);
    }
    await Promise.race([Promise.all(running), stop.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

const orders: Readonly<Record<Step["does"], number>> = { inject: 0, heal: 1 };

function stepsOf(fault: Fault, index: number, world: World): readonly Step[] {
  if ("link" in fault && "lasts" in fault) return networkSteps({ fault, index, world });
  if ("script" in fault) return callSteps({ fault, index, world });
  switch (fault.kind) {
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
    case "instance_close":
    case "client_broken":
      throw new BrokenRunError(`${fault.kind} cannot be done to a real server`, {
        where: `faults[${index}]`,
        fix: "run the scenario in the simulator",
      });
  }
}
