/**
 * What a seed makes of a declaration where it is run on real servers: what it makes of it in the simulator, without what cannot be done there,
 * and without what would take too long. All that is left out is named.
 */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { endOf, type Fault, type FaultKind } from "../../../scenarios/declare/fault-kinds.ts";
import { places, type RedisTopology } from "../../../scenarios/declare/fault-places.ts";
import type { PropertyId } from "../../check/properties.ts";
import { resolveSettings } from "../../scheduler/settings.ts";
import { drawnFrom } from "./drawn.ts";

export interface DrawnOnServers {
  /** Without nemesis and swarm: its faults are all that will be done. */
  readonly scenario: Scenario;
  /** Drawn for the simulator as well, and not done here. */
  readonly leftOut: readonly { readonly fault: Fault; readonly because: string }[];
  /** What is declared and cannot be judged of this draw, and why. */
  readonly notJudged: Partial<Readonly<Record<PropertyId, string>>>;
}

/** D2. */
const budget = 50;
/** Toxiproxy takes seconds to end one of a connection that its client has given up, which it does after 1 s of silence. */
const longestHeld = 900;
/** After these the connection that counts the commands at the server is gone. */
const endsWatch: ReadonlySet<FaultKind> = new Set([
  ...(["redis_restart", "redis_loading", "redis_failover", "redis_split_brain"] as const),
]);

/**
 * @returns null where the seed draws nothing
 * @throws SettingsError for settings that the scheduler refuses
 */
export function drawnOnServers(declared: Scenario, redis: RedisTopology, seed: number): DrawnOnServers | null {
  const { nemesis, swarm } = declared;
  if (nemesis === undefined && swarm === undefined) return null;
  const duration = nemesis?.real?.duration ?? declared.duration;
  const drawn = drawnFrom(atUsualPace(declared), seed);
  const last = duration - (declared.eventually.D3?.within ?? 0);
  const faults: Fault[] = [];
  const leftOut: DrawnOnServers["leftOut"][number][] = [];
  for (const fault of drawn.faults.map(shortened)) {
    if (!places[fault.kind].redis.includes(redis)) leftOut.push({ fault, because: `cannot be done on ${redis}` });
    else if (endOf(fault) > last)
      leftOut.push({ fault, because: `no room for it in the ${duration} ms of a real run` });
    else faults.push(fault);
  }
  const notJudged = notJudgedOf(drawn, faults);
  const always = drawn.always.filter((id) => notJudged[id] === undefined);
  return { scenario: { ...drawn, duration, faults, always }, leftOut, notJudged };
}

/** The simulator thins the load out, so that a seed is quick; real servers have the time. */
function atUsualPace({ swarm, ...declared }: Scenario): Scenario {
  if (swarm === undefined) return declared;
  const { every: _, ...rest } = swarm;
  return { ...declared, swarm: rest };
}

function shortened(fault: Fault): Fault {
  if (fault.kind !== "redis_blackhole" || fault.bytes !== "held") return fault;
  return { ...fault, lasts: Math.min(fault.lasts, longestHeld) };
}

function notJudgedOf({ always, settings, topology }: Scenario, faults: readonly Fault[]): DrawnOnServers["notJudged"] {
  const { pulseInterval, readDeadline } = resolveSettings({ ...settings, partitions: topology.partitions });
  const promised = pulseInterval + readDeadline;
  const ending = faults.find(({ kind }) => endsWatch.has(kind));
  const reasons: DrawnOnServers["notJudged"] = {
    ...(promised > budget && { D2: `pulse and deadline, ${promised} ms together, are above ${budget} ms` }),
    ...(ending && { C2: `${ending.kind} ends the count of what reaches the server` }),
  };
  return Object.fromEntries(Object.entries(reasons).filter(([id]) => always.some((one) => one === id)));
}
