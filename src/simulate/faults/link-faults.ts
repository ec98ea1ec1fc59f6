/** Faults of the network between an instance and the store. */
import { longLatency } from "../../../scenarios/declare/bounds.ts";
import { linksOf } from "../../../scenarios/declare/fault-kinds.ts";
import type { LinkName } from "../trace/events.ts";
import type { Instance } from "../world/instance.ts";
import { silence } from "../world/link.ts";
import type { Way } from "../world/link-conditions.ts";
import type { FaultCase, FaultOf, Step } from "./fault-step.ts";

export type LinkFaultKind =
  | "redis_latency"
  | "redis_bandwidth"
  | "redis_blackhole"
  | "redis_refused"
  | "redis_reset"
  | "redis_half_open"
  | "redis_slow_close"
  | "redis_sliced";

type LinkFault = FaultOf<LinkFaultKind>;

export function linkSteps(one: FaultCase<LinkFaultKind>): readonly Step[] {
  const onAll =
    (step: Step["step"], act: (instance: Instance, link: LinkName, fault: LinkFault) => void) => (): void => {
      for (const instance of one.targets()) {
        for (const link of linksOf(one.fault.link)) {
          act(instance, link, one.fault);
          one.record(step, instance.index, link, link === "commands" && cutsOff(one.fault));
        }
      }
    };
  return one.lasting(onAll("inject", inject), onAll("heal", heal));
}

/** The server closes connections, which may come again at once. */
export function killSteps(one: FaultCase<"client_kill">): readonly Step[] {
  return one.once(() => {
    for (const instance of one.targets()) {
      for (const link of linksOf(one.fault.link)) {
        one.record("inject", instance.index, link, false);
        instance.link(link)?.current?.cut("closed by the server");
        one.record("heal", instance.index, link, false);
      }
    }
  });
}

function inject(instance: Instance, link: LinkName, fault: LinkFault): void {
  const conditions = instance.conditions[link];
  const connection = instance.link(link)?.current;
  switch (fault.kind) {
    case "redis_latency":
      for (const way of waysOf(fault.direction)) conditions.addDelay(way, fault.adds);
      return;
    case "redis_bandwidth":
      conditions.narrow(fault.kb_per_second);
      return;
    case "redis_blackhole":
      for (const way of waysOf(fault.direction)) {
        if (fault.bytes === "lost") conditions.lose(way, 1);
        else conditions.hold(way, 1);
      }
      return;
    case "redis_refused":
      conditions.refuse(1);
      connection?.cut("connection closed");
      return;
    case "redis_reset":
      conditions.reset(1);
      return;
    case "redis_half_open":
      connection?.silence();
      return;
    case "redis_slow_close":
      conditions.addCloseDelay(fault.delay);
      return;
    case "redis_sliced":
      conditions.slice(fault);
      return;
  }
}

function heal(instance: Instance, link: LinkName, fault: LinkFault): void {
  const conditions = instance.conditions[link];
  switch (fault.kind) {
    case "redis_latency":
      for (const way of waysOf(fault.direction)) conditions.addDelay(way, -fault.adds);
      return;
    case "redis_bandwidth":
      conditions.widen(fault.kb_per_second);
      return;
    case "redis_blackhole":
      for (const way of waysOf(fault.direction)) {
        if (fault.bytes === "lost") conditions.lose(way, -1);
        else conditions.hold(way, -1);
      }
      if (fault.bytes === "lost") instance.link(link)?.current?.cut("bytes were lost on it");
      return;
    case "redis_refused":
      conditions.refuse(-1);
      return;
    case "redis_reset":
      conditions.reset(-1);
      return;
    case "redis_half_open": // a silenced connection stays silent
      return;
    case "redis_slow_close":
      conditions.addCloseDelay(-fault.delay);
      return;
    case "redis_sliced":
      conditions.join(fault);
      return;
  }
}

function waysOf(direction: "requests" | "replies" | "both"): readonly Way[] {
  return direction === "both" ? ["requests", "replies"] : [direction];
}

function cutsOff(fault: LinkFault): boolean {
  switch (fault.kind) {
    case "redis_latency":
      return fault.adds * waysOf(fault.direction).length >= longLatency;
    case "redis_blackhole":
    case "redis_refused":
    case "redis_reset":
      return true;
    case "redis_half_open":
      return fault.lasts <= silence; // later a new connection works
    case "redis_bandwidth":
    case "redis_slow_close":
    case "redis_sliced":
      return false;
  }
}
