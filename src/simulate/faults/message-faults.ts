/** Faults of single commands or wake-ups. */

import type { Instance } from "../world/instance.ts";
import type { FaultCase, FaultOf, Step } from "./fault-step.ts";
import type { CallInterceptor, Interception } from "./interceptor.ts";

export type CallFaultKind = "reply_lost" | "command_delayed" | "command_held" | "command_repeated";

/** In force from the moment at which the call is caught; a fault that does not last is healed at once. */
export function callSteps(one: FaultCase<CallFaultKind>): readonly Step[] {
  const { fault } = one;
  const isSilencing = silences(fault);
  const isLasting = isSilencing || fault.kind === "command_held";
  const caught = new Set<Instance>();
  const set = one.targets().map((instance) => {
    const interceptor: CallInterceptor = {
      script: fault.script,
      left: fault.nth,
      interception: interceptionOf(fault),
      held: [],
      caught() {
        caught.add(instance);
        one.record("inject", instance.index, "commands", isSilencing);
        if (!isLasting) one.record("heal", instance.index, "commands", false);
      },
    };
    return { instance, interceptor };
  });
  return one.lasting(
    () => {
      for (const { instance, interceptor } of set) instance.interceptors.setCall(interceptor);
    },
    () => {
      for (const { instance, interceptor } of set) {
        instance.interceptors.removeCall(interceptor);
        for (const pass of interceptor.held) pass();
        if (!isLasting || !caught.has(instance)) continue;
        if (isSilencing) instance.link("commands")?.breakSilent("the hop is gone");
        one.record("heal", instance.index, "commands", isSilencing);
      }
    },
  );
}

export function wakeUpSteps(one: FaultCase<"wake_up_dropped">): readonly Step[] {
  const { count, nth } = one.fault;
  const set = one.targets().map((instance) => {
    const caught = (): void => {
      one.record("inject", instance.index, "feed", false);
      one.record("heal", instance.index, "feed", false);
    };
    return { instance, interceptor: { left: nth, count, caught } };
  });
  return one.lasting(
    () => {
      for (const { instance, interceptor } of set) instance.interceptors.setWakeUp(interceptor);
    },
    () => {
      for (const { instance, interceptor } of set) instance.interceptors.removeWakeUp(interceptor);
    },
  );
}

/** Milliseconds after which a repeated command arrives again. */
const repeatedAfter = 2;

function interceptionOf(fault: FaultOf<CallFaultKind>): Interception {
  switch (fault.kind) {
    case "reply_lost":
      return { kind: "withheld", connection: fault.connection };
    case "command_delayed":
      return { kind: "delayed", by: fault.adds };
    case "command_held":
      return { kind: "held" };
    case "command_repeated":
      return { kind: "repeated", after: repeatedAfter };
  }
}

/** Whether the connection stays silent until the fault ends. */
function silences(fault: FaultOf<CallFaultKind>): boolean {
  return fault.kind === "reply_lost" && fault.connection === "silent";
}
