/**
 * Draws a scenario for real servers: as in the simulator, without the faults that are impossible there or take too long.
 * Everything that is left out is named.
 */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { endOf, type Fault, type FaultKind } from "../../../scenarios/declare/fault-kinds.ts";
import { places, type RedisTopology } from "../../../scenarios/declare/fault-places.ts";
import { budget, promisedSettings } from "../../check/documented-settings.ts";
import type { PropertyId } from "../../check/properties.ts";
import { drawnFrom } from "./drawn.ts";

export interface DrawnOnServers {
  /** Without nemesis and swarm: it lists every fault of the run. */
  readonly scenario: Scenario;
  /** Drawn as in the simulator, and not injected here. */
  readonly leftOut: readonly { readonly fault: Fault; readonly because: string }[];
  /** Declared properties that cannot be judged for this draw, and why. */
  readonly notJudged: Partial<Readonly<Record<PropertyId, string>>>;
}

/** A client closes a connection after 1 s of silence; Toxiproxy then takes seconds to remove a toxic that holds its bytes. */
const longestHeld = 900;
/** These faults end the connection that counts the commands at the server. */
const endsWatch: ReadonlySet<FaultKind> = new Set([
  ...(["redis_restart", "redis_loading", "redis_failover", "redis_split_brain"] as const),
]);

/** @returns null where the seed draws nothing */
export function drawnOnServers(declared: Scenario, redis: RedisTopology, seed: number): DrawnOnServers | null {
  const { nemesis, swarm } = declared;
  if (nemesis === undefined && swarm === undefined) return null;
  for (let attempt = 0; ; attempt += 1) {
    const drawn = drawnOnce(declared, redis, (seed + attempt * nextSeed) % (maxSeed + 1));
    if (nemesis === undefined || drawn.scenario.faults.length > 0 || attempt === mostAttempts) return drawn;
  }
}

/** A draw without a fault that can be injected proves nothing; then the seed draws again, as often as this, from seeds so far apart. */
const mostAttempts = 20;
const nextSeed = 0x9e3779b1;
const maxSeed = 0xffffffff;

function drawnOnce(declared: Scenario, redis: RedisTopology, seed: number): DrawnOnServers {
  const duration = declared.nemesis?.real?.duration ?? declared.duration;
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

/** The simulator thins the load out, so that a seed is quick. A run on real servers lasts its declared time anyway. */
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
  const { pulseInterval, readDeadline } = promisedSettings({ ...settings, partitions: topology.partitions });
  const promised = pulseInterval + readDeadline;
  const ending = faults.find(({ kind }) => endsWatch.has(kind));
  const reasons: DrawnOnServers["notJudged"] = {
    ...(promised > budget && { D2: `pulse and deadline, ${promised} ms together, are above ${budget} ms` }),
    ...(ending && { C2: `${ending.kind} ends the count of what reaches the server` }),
  };
  return Object.fromEntries(Object.entries(reasons).filter(([id]) => always.some((one) => one === id)));
}
