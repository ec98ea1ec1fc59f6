/**
 * A scenario is data: what runs, what is done to it when, and which properties have to hold. It names nothing of Redis but the faults,
 * so that a simulator can run the same declaration.
 */
import { z } from "zod";
import { marks } from "../../src/check/marks.ts";
import { propertyIds } from "../../src/check/properties.ts";
import { ScenarioError } from "./error.ts";
import { endOf, type Fault, faultKinds, faultSchema, instancesOf, namedInstances, targetsOf } from "./fault-kinds.ts";
import { redisTopologies } from "./fault-places.ts";
import { duration } from "./units.ts";

/** Every instance does this periodically, at times fixed beforehand, whether or not the last call has returned. */
const loadSchema = z.strictObject({
  kind: z.enum([
    "read", // getNode of an existing node
    "read_missing", // getNode of a missing node
    "select", // selectNodes
    "dispatch", // a job to any suitable node; it ends after `holds`
    "dispatch_again", // as `dispatch`; the same job once more at the same time, once more before its end, and once more after it
    "reserve", // a job to a node drawn beforehand, full or not; it ends after `holds`
    "deliver_twice", // as `reserve`; `holds` after its end the same job comes to the next instance, as from a queue that delivers at least once
    "heartbeat", // of one of its nodes, in turn
    "read_each", // getNode of each node in turn
    "late_heartbeat", // of one of its nodes, in turn: of a former incarnation, or older than the last
    "late_goodbye", // of a former incarnation of one of its nodes, in turn
    "go_offline", // one of its nodes, in turn; it comes back under the same id after `holds`
    "fall_silent", // one of its nodes, in turn, sends no heartbeats for `holds`, and then registers anew
    "finish_and_return", // as `fall_silent`; a job is completed on the node shortly before it registers anew, and comes to it again shortly after
    "arrive", // a new node, looked up by every instance from `holds` before it registers to `holds` after
    "odd_id", // as `arrive`, under an id that would break a careless key, pattern or format; some are too long or empty, and refused
    "odd_job", // as `reserve`, under such an id
    "odd_call", // one of src/load/plan/odd-calls.ts, in turn: with an argument at its limit, which is allowed or refused
    "repeat_heartbeat", // the last heartbeat of one of its nodes, in turn, is sent again as it was
    "bad_heartbeat", // of one of its nodes, in turn, with impossible metrics (NaN, infinite, negative) and a job without a place
    "impersonate", // one of another instance's nodes is registered here too, and sends heartbeats for `holds`: two processes under one id
    "put_config", // another pool configuration, if what this instance knows is still what is stored
  ]),
  every: duration.positive(),
  from: duration.default(0),
  until: duration.exactOptional(),
  holds: duration.default(150),
  /** Which instances do it; absent: all of them. */
  instances: z.array(z.int().nonnegative()).min(1).exactOptional(),
  /** The number of missing ids (4 when absent) for `read_missing`; the number of nodes, from the first on, for `read_each`. */
  among: z.int().positive().exactOptional(),
});

/** From the first to the second, both included. */
const range = (member: z.ZodNumber) =>
  z.tuple([member, member]).refine(([least, most]) => least <= most, "the first of a range is above the second");

/** Faults drawn from the run's seed, beside the declared ones. A seed draws its own subset of the kinds (swarm), then faults of those. */
const nemesisSchema = z.strictObject({
  /** The relative frequency of each kind. */
  weights: z.partialRecord(z.enum(faultKinds), z.number().positive()),
  /** From the end of one fault to the beginning of the next. */
  pause: range(duration),
  lasts: range(duration.positive()),
  /** None is in force after this. */
  until: duration.positive(),
  /** On real servers load and faults end after so long; absent: only the simulator draws them. */
  real: z.strictObject({ duration: duration.positive() }).exactOptional(),
});

/** Values that the seed draws instead of the declared ones, each from its range. */
const swarmSchema = z.strictObject({
  instances: range(z.int().positive().max(100)).exactOptional(),
  nodes: range(z.int().positive().max(10_000)).exactOptional(),
  maxJobsPerNode: range(z.int().positive().max(100_000)).exactOptional(),
  partitions: range(z.int().positive().max(4_096)).exactOptional(),
  feedMax: range(z.int().positive().max(1_000_000)).exactOptional(),
  pools: range(z.int().positive().max(64)).exactOptional(),
  languages: range(z.int().positive().max(512)).exactOptional(),
  services: range(z.int().positive().max(64)).exactOptional(),
  /** The scheduler's settings, by their names. */
  settings: z.record(z.string(), range(z.number())).default({}),
  /** Every load's `every` is multiplied by one number from this range. */
  every: range(z.number().positive()).exactOptional(),
});

/** A node may be in 64 pools and have 64 services. */
const sizesSchema = {
  pools: z.int().positive().max(64).default(6),
  languages: z.int().positive().max(512).default(8),
  services: z.int().positive().max(64).default(5),
};

const within = z.strictObject({ within: duration.positive() });
const property = z.enum(propertyIds as [(typeof propertyIds)[number], ...(typeof propertyIds)[number][]]);

const scenarioSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,60}$/),
  /** The claim of the scenario. */
  why: z.string().min(20),
  /** From which profile on a verify runs it on a real Redis; `systems`: in quick of a scheduler written elsewhere alone. The simulator runs all in every profile. */
  gate: z.enum(["quick", "systems", "full"]).default("full"),
  topology: z.strictObject({
    instances: z.int().max(100),
    nodes: z.int().positive().max(10_000),
    maxJobsPerNode: z.int().positive().max(100_000),
    /** The jobs that every other incarnation of a node can run instead, from its second on. Absent: as many. */
    maxJobsOnReturn: z.int().positive().max(100_000).exactOptional(),
    partitions: z.int().positive().max(4_096),
    /** Changes that the feed of a partition keeps. By default far more than a run makes. */
    feedMax: z.int().positive().max(1_000_000).default(100_000),
    /** How many pools, language pairs and services occur in the run; every node is in some pools, and offers some of the others. */
    ...sizesSchema,
    /** The real servers on which it runs by default; its faults have to be possible there. */
    redis: z.enum(redisTopologies).default("single"),
    /** Other servers on which the profile `full` runs it too. */
    also: z.array(z.enum(redisTopologies)).default([]),
  }),
  /** The scheduler's settings where they differ from its defaults, by their names. */
  settings: z.record(z.string(), z.number()).default({}),
  load: z.array(loadSchema).min(1),
  faults: z.array(faultSchema),
  nemesis: nemesisSchema.exactOptional(),
  swarm: swarmSchema.exactOptional(),
  /** One way between an instance and the store, in the simulator: drawn evenly for each message. */
  network: range(duration).default([0.2, 1]),
  /** Properties that hold at every moment. */
  always: z.array(property).min(1),
  /** Marks that have to be seen at least once; otherwise the run proves nothing. */
  sometimes: z.array(z.enum(marks)).default([]),
  /** Properties that hold from `within` after everything has healed. */
  eventually: z.partialRecord(z.enum(["V3", "D3"]), within).default({}),
  /** How far behind the store an instance in `normal` may be: for N2, N3 and V4. */
  staleness: duration.positive().default(300),
  /** The length of the load; `eventually` begins after it. */
  duration: duration.positive(),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type Declaration = z.input<typeof scenarioSchema>;
export type Load = Scenario["load"][number];

/** Checks a declaration.
 * @throws ScenarioError for what is unknown or out of range, overlaps, comes after the end, or leaves no room for a bound
 */
export function scenario(declaration: Declaration): Scenario {
  const parsed = scenarioSchema.safeParse(declaration);
  if (!parsed.success) throw notParsed(declaration, parsed.error);
  const declared = parsed.data;
  if (declared.topology.instances < 1) {
    throw new ScenarioError(`${declared.topology.instances} instances, allowed 1 to 100`, {
      where: placeOf(declared, "topology.instances"),
      fix: "declare at least one instance, two to see that they agree",
    });
  }
  declared.load.forEach((load, index) => {
    const { instances } = declared.topology;
    const stranger = load.instances?.find((instance) => instance >= instances);
    if (stranger === undefined) return;
    throw new ScenarioError(`${load.kind} on instance ${stranger}, allowed 0 to ${instances - 1}`, {
      where: placeOf(declared, `load[${index}]`),
      fix: "name an instance of the topology, or declare more",
    });
  });
  declared.faults.forEach((fault, index) => {
    checkFault(declared, fault, index);
  });
  checkRoom(declared);
  return declared;
}

function placeOf({ name }: { readonly name: unknown }, part: string): string {
  return `scenario ${String(name)}: ${part}`;
}

function notParsed(declaration: Declaration, error: z.ZodError): ScenarioError {
  const issue = error.issues[0];
  const path = (issue?.path ?? []).reduce((text: string, part) => {
    return typeof part === "number" ? `${text}[${part}]` : `${text}${text === "" ? "" : "."}${String(part)}`;
  }, "");
  return new ScenarioError(issue?.message ?? "not a declaration", {
    where: placeOf(declaration, path === "" ? "the declaration" : path),
    fix: "use the names and ranges of lockproof/scenario; docs/scenarios.md and docs/faults.md explain them",
  });
}

function checkFault(declared: Scenario, fault: Fault, index: number): void {
  const where = placeOf(declared, `faults[${index}]`);
  const { instances } = declared.topology;
  const stranger = namedInstances(fault).find((instance) => instance >= instances);
  if (stranger !== undefined) {
    throw new ScenarioError(`${fault.kind} on instance ${stranger}, allowed 0 to ${instances - 1}`, {
      where,
      fix: "name an instance of the topology, or declare more",
    });
  }
  if (endOf(fault) > declared.duration) {
    throw new ScenarioError(`${inWords(fault)} ends after the run, which lasts ${declared.duration} ms`, {
      where,
      fix: "end it earlier, or let the run last longer",
    });
  }
  const targets = new Set(targetsOf(fault, instances));
  const earlier = declared.faults.slice(0, index).find((other) => {
    const shared = targetsOf(other, instances).some((target) => targets.has(target));
    return other.kind === fault.kind && shared && other.at < endOf(fault) && fault.at < endOf(other);
  });
  if (earlier !== undefined) {
    throw new ScenarioError(`${inWords(fault)} overlaps ${inWords(earlier)}`, {
      where,
      fix: `end the first before ${Math.max(fault.at, earlier.at)} ms, or merge the two`,
    });
  }
}

function inWords(fault: Fault): string {
  return `${fault.kind} from ${fault.at} ms to ${endOf(fault)} ms`;
}

/** D3 is judged after each heal: until the next fault of the same instance, unless that one follows at once, there has to be time for it. */
function checkRoom(declared: Scenario): void {
  const bound = declared.eventually.D3?.within;
  if (bound === undefined) return;
  const { instances } = declared.topology;
  for (let instance = 0; instance < instances; instance += 1) {
    const own = declared.faults
      .map((fault, index) => ({ fault, index }))
      .filter(({ fault }) => instancesOf(fault, instances).includes(instance))
      .sort((a, b) => a.fault.at - b.fault.at);
    own.forEach(({ fault, index }, position) => {
      const next = own[position + 1]?.fault.at ?? declared.duration;
      const end = endOf(fault);
      if (next - end >= bound || (position + 1 < own.length && next <= end)) return;
      throw new ScenarioError(
        `D3 within ${bound} ms does not fit: ${next - end} ms are left after ${inWords(fault)} on instance ${instance}`,
        {
          where: placeOf(declared, `faults[${index}] and eventually.D3`),
          fix: `leave ${bound} ms before the next fault and before the end, let the next follow at once, or lower the bound`,
        },
      );
    });
  }
}
