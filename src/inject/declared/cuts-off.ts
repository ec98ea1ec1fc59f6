/** Whether a fault keeps every command from being answered within its timeout, by its declaration. */
import { longLatency } from "../../../scenarios/declare/bounds.ts";
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";

/** Bytes of a call and its reply together; most are longer. */
const shortestExchange = 400;

/** A fault of a link does so on that of commands only. */
export function cutsOff(fault: Fault): boolean {
  switch (fault.kind) {
    case "redis_latency":
      return fault.adds * (fault.direction === "both" ? 2 : 1) >= longLatency;
    case "redis_bandwidth":
      return shortestExchange / fault.kb_per_second >= longLatency;
    case "redis_sliced":
      return (shortestExchange / fault.bytes) * fault.gap >= longLatency;
    case "redis_blackhole":
    case "redis_refused":
    case "redis_reset":
    case "redis_half_open":
    case "client_pause":
    case "redis_busy":
    case "redis_pause":
    case "redis_restart":
    case "redis_loading":
      return true;
    default:
      return false;
  }
}
