/** Faults drawn from the seed: a subset of the kinds that the scenario weighs (swarm), one fault after the other, never two at a time. */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { endOf, type Fault, type FaultKind } from "../../../scenarios/declare/fault-kinds.ts";
import type { Millis, Random } from "../../scheduler/ports.ts";
import { between, chance, integerBetween, pick, pickWeighted } from "./random.ts";

type Nemesis = NonNullable<Scenario["nemesis"]>;
type Topology = Scenario["topology"];

/** Times are whole milliseconds, so that a plan can be read. */
export function drawFaults({ faults, nemesis, topology }: Scenario, random: Random): readonly Fault[] {
  if (nemesis === undefined) return [];
  const kinds = subset(nemesis, random);
  const drawn: Fault[] = [];
  for (let at = wholly(random, nemesis.pause); ; ) {
    const lasts = wholly(random, nemesis.lasts);
    if (at + lasts > nemesis.until) return drawn;
    const fault = drawFault(pickWeighted(random, kinds), at, lasts, topology, random);
    if (faults.every((other) => other.at > endOf(fault) || endOf(other) < fault.at)) drawn.push(fault);
    at = Math.ceil(endOf(fault)) + wholly(random, nemesis.pause);
  }
}

/** Each kind takes part or does not; at least one does. */
function subset({ weights }: Nemesis, random: Random): readonly (readonly [FaultKind, number])[] {
  const all = (Object.entries(weights) as [FaultKind, number][]).sort(([a], [b]) => (a < b ? -1 : 1));
  const some = all.filter(() => chance(random, 0.5));
  return some.length === 0 ? [pick(random, all)] : some;
}

function wholly(random: Random, range: readonly [Millis, Millis]): Millis {
  return Math.round(between(random, range));
}

const scripts = ["reserve_job", "complete_job", "release_job", "register_node", "heartbeat"] as const;
const directions = ["requests", "replies", "both"] as const;

function drawFault(kind: FaultKind, at: Millis, lasts: Millis, topology: Topology, random: Random): Fault {
  const on = chance(random, 0.4) ? {} : { instances: someOf(topology.instances, random) };
  const spell = { at, lasts, ...on };
  const server = { at, lasts };
  const link = pick(random, ["both", "both", "commands", "feed"] as const);
  const script = pick(random, scripts);
  const nth = integerBetween(random, [1, 4]);
  switch (kind) {
    case "redis_latency":
      return { kind, ...spell, link, direction: pick(random, directions), adds: integerBetween(random, [2, 120]) };
    case "redis_bandwidth":
      return { kind, ...spell, link, kb_per_second: integerBetween(random, [5, 200]) };
    case "redis_blackhole": {
      const bytes = pick(random, ["lost", "held"] as const);
      return { kind, ...spell, link, direction: pick(random, directions), bytes };
    }
    case "redis_refused":
    case "redis_reset":
    case "redis_half_open":
      return { kind, ...spell, link };
    case "redis_slow_close":
      return { kind, ...spell, link, delay: integerBetween(random, [20, 500]) };
    case "redis_sliced":
      return { kind, ...spell, link, bytes: integerBetween(random, [20, 200]), gap: integerBetween(random, [1, 5]) };
    case "reply_lost":
      return { kind, ...spell, script, nth, connection: pick(random, ["cut", "silent"] as const) };
    case "command_delayed":
      return { kind, ...spell, script, nth, adds: integerBetween(random, [5, 400]) };
    case "command_held":
    case "command_repeated":
      return { kind, ...spell, script, nth };
    case "wake_up_dropped":
      return { kind, ...spell, nth: integerBetween(random, [1, 20]), count: integerBetween(random, [1, 5]) };
    case "redis_restart":
      return { kind, at, data: pick(random, ["lost", "kept"] as const) };
    case "redis_split_brain":
      return { kind, ...server, instances: someOf(topology.instances, random) };
    case "redis_former_primary":
      return { kind, ...server, instances: someOf(topology.instances, random) };
    case "slot_migration":
      return { kind, ...server, partition: integerBetween(random, [0, topology.partitions - 1]) };
    case "client_kill":
      return { kind, at, link };
    case "wrong_type":
      return { kind, ...server, key: pick(random, ["meta", "expiry", "feed"] as const) };
    case "instance_crash":
    case "instance_pause":
      return { kind, ...spell };
    case "instance_slow":
      return { kind, ...spell, blocks: integerBetween(random, [5, 60]), every: integerBetween(random, [20, 120]) };
    case "clock_jump":
      return { kind, at, by: integerBetween(random, [-20_000, 20_000]) };
    case "script_flush":
    case "flush_all":
    case "feed_entry_deleted":
      return { kind, at };
    case "redis_pause":
    case "redis_failover":
    case "client_pause":
    case "redis_busy":
    case "redis_out_of_memory":
    case "redis_readonly":
    case "redis_loading":
      return { kind, ...server };
  }
}

/** At least one, each once, in order. */
function someOf(count: number, random: Random): number[] {
  const some = Array.from({ length: count }, (_, index) => index).filter(() => chance(random, 0.5));
  return some.length === 0 ? [integerBetween(random, [0, count - 1])] : some;
}
