/** Draws faults from the seed: a subset of the kinds that the scenario weighs (swarm), one fault after the other, never two at a time. */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { endOf, type Fault, type FaultKind } from "../../../scenarios/declare/fault-kinds.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Random } from "../../scheduler/ports.ts";
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
    const fault = drawFault(pickWeighted(random, kinds), { at, lasts }, topology, random);
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

/** When a fault is in force. */
interface Span {
  readonly at: Millis;
  readonly lasts: Millis;
}

/** Drawn for every fault, used or not, so that the kind of one fault does not change the draws of the next. */
interface Drawn {
  readonly span: Span;
  /** The span, and the instances that the fault meets where it does not meet all. */
  readonly onInstances: Span & { readonly instances?: number[] };
  readonly link: "both" | "commands" | "feed";
  readonly script: (typeof scripts)[number];
  readonly nth: number;
}

function drawCommon(span: Span, { instances }: Topology, random: Random): Drawn {
  return {
    span,
    onInstances: chance(random, 0.4) ? span : { ...span, instances: someOf(instances, random) },
    link: pick(random, ["both", "both", "commands", "feed"] as const),
    script: pick(random, scripts),
    nth: integerBetween(random, [1, 4]),
  };
}

export function drawFault(kind: FaultKind, span: Span, topology: Topology, random: Random): Fault {
  const drawn = drawCommon(span, topology, random);
  switch (kind) {
    case "redis_latency":
    case "redis_bandwidth":
    case "redis_blackhole":
    case "redis_refused":
    case "redis_reset":
    case "redis_half_open":
    case "redis_slow_close":
    case "redis_sliced":
      return linkFault(kind, drawn, random);
    case "reply_lost":
    case "command_delayed":
    case "command_held":
    case "command_repeated":
    case "wake_up_dropped":
      return messageFault(kind, drawn, random);
    case "instance_crash":
    case "instance_close":
    case "instance_pause":
    case "instance_slow":
    case "client_broken":
      return instanceFault(kind, drawn, random);
    case "redis_split_brain":
    case "redis_former_primary":
      return { kind, ...span, instances: someOf(topology.instances, random) };
    case "slot_migration":
      return { kind, ...span, partition: integerBetween(random, [0, topology.partitions - 1]) };
    default:
      return serverFault(kind, drawn, random);
  }
}

type LinkFaultKind = Extract<Fault, { readonly link: unknown; readonly lasts: Millis }>["kind"];
type MessageFaultKind = Extract<Fault, { readonly nth: number }>["kind"];
type InstanceFaultKind = "instance_crash" | "instance_close" | "instance_pause" | "instance_slow" | "client_broken";
type TopologyFaultKind = "redis_split_brain" | "redis_former_primary" | "slot_migration";
type ServerFaultKind = Exclude<FaultKind, LinkFaultKind | MessageFaultKind | InstanceFaultKind | TopologyFaultKind>;

function linkFault(kind: LinkFaultKind, { link, onInstances }: Drawn, random: Random): Fault {
  const place = { ...onInstances, link };
  switch (kind) {
    case "redis_latency":
      return { kind, ...place, direction: pick(random, directions), adds: integerBetween(random, [2, 120]) };
    case "redis_bandwidth":
      return { kind, ...place, kb_per_second: integerBetween(random, [5, 200]) };
    case "redis_blackhole": {
      const bytes = pick(random, ["lost", "held"] as const);
      return { kind, ...place, direction: pick(random, directions), bytes };
    }
    case "redis_slow_close":
      return { kind, ...place, delay: integerBetween(random, [20, 500]) };
    case "redis_sliced":
      return { kind, ...place, bytes: integerBetween(random, [20, 200]), gap: integerBetween(random, [1, 5]) };
    case "redis_refused":
    case "redis_reset":
    case "redis_half_open":
      return { kind, ...place };
  }
}

function messageFault(kind: MessageFaultKind, { nth, onInstances, script }: Drawn, random: Random): Fault {
  switch (kind) {
    case "reply_lost":
      return { kind, ...onInstances, script, nth, connection: pick(random, ["cut", "silent"] as const) };
    case "command_delayed":
      return { kind, ...onInstances, script, nth, adds: integerBetween(random, [5, 400]) };
    case "command_held":
    case "command_repeated":
      return { kind, ...onInstances, script, nth };
    case "wake_up_dropped":
      return { kind, ...onInstances, nth: integerBetween(random, [1, 20]), count: integerBetween(random, [1, 5]) };
  }
}

function instanceFault(kind: InstanceFaultKind, { onInstances }: Drawn, random: Random): Fault {
  if (kind !== "instance_slow") return { kind, ...onInstances };
  return { kind, ...onInstances, blocks: integerBetween(random, [5, 60]), every: integerBetween(random, [20, 120]) };
}

function serverFault(kind: ServerFaultKind, { link, span }: Drawn, random: Random): Fault {
  const { at } = span;
  switch (kind) {
    case "redis_restart":
      return { kind, at, data: pick(random, ["lost", "kept"] as const) };
    case "client_kill":
      return { kind, at, link };
    case "wrong_type":
      return { kind, ...span, key: pick(random, ["meta", "expiry", "feed"] as const) };
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
      return { kind, ...span };
  }
}

/** At least one, each once, in order. */
function someOf(count: number, random: Random): number[] {
  const some = Array.from({ length: count }, (_, index) => index).filter(() => chance(random, 0.5));
  return some.length === 0 ? [integerBetween(random, [0, count - 1])] : some;
}
