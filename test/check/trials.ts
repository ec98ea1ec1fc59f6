/** Histories written by hand, for judges whose verdict on them is known. */
import type {
  Call,
  FaultStep,
  HistoryEvent,
  ModeChange,
  NodeContent,
  NodeRequest,
  Phase,
  Stall,
  Starved,
  StoreCall,
  ViewChange,
} from "../../src/check/history.ts";
import type { Judgement, Terms, Trial } from "../../src/check/judgement.ts";
import type { Dump, Entry, Observation, ObservedChange } from "../../src/check/observed/observation.ts";
import type { PropertyId } from "../../src/check/properties.ts";
import { judgeOf } from "../../src/judges/recorded/judges.ts";

/** Returns the judgement of the property's judge alone, however much of the run was seen. */
export function judgedBy(property: PropertyId, trial: Trial): Judgement {
  const judged = judgeOf(property)?.(trial);
  if (judged === undefined) throw new RangeError(`no judge of ${property}`);
  return judged;
}

export function trialOf(parts: {
  readonly history?: readonly HistoryEvent[];
  readonly observations?: readonly Observation[];
  readonly instances?: number;
  readonly side?: Trial["side"];
  readonly terms?: Partial<Terms>;
}): Trial {
  const { history = [], instances = 1, observations = [], side = "fault" } = parts;
  const bounds = { budget: 50, recovery: 1_000, convergence: 500, staleness: 300 };
  const terms = { missTtl: 1_000, l1Ttl: 1_000, heartbeatTtl: 2_000, ttlSpread: 0.2, feedMax: 10, ...parts.terms };
  return { side, history, observations, instances, bounds, terms };
}

let calls = 0;

export function call(parts: Partial<Call> & Pick<Call, "op" | "from" | "to">): Call {
  calls += 1;
  return { kind: "call", id: calls, instance: 0, outcome: "ok", reply: "found", ...parts };
}

export function read(from: number, to: number | null, parts: Partial<Call> = {}): Call {
  return call({ op: "get_node", node: "n1", from, to, ...parts });
}

/** A fault on the commands of one instance, in force at once and healed at once. */
export function faultFrom(at: number, until: number, parts: Partial<FaultStep> = {}): readonly FaultStep[] {
  const place = {
    kind: "fault",
    fault: 0,
    name: "redis_latency",
    instance: 0,
    link: "commands",
    cuts_off: true,
  } as const;
  return [
    { ...place, step: "inject", asked: at, done: at, ...parts },
    { ...place, step: "heal", asked: until, done: until, ...parts },
  ];
}

export function mode(at: number, from: string, to: string, instance = 0): ModeChange {
  return { kind: "mode", at, instance, from, to, cause: to === "normal" ? "resynced" : "deadline" };
}

export function phase(name: Phase["name"], at: number): Phase {
  return { kind: "phase", at, name };
}

/** The process paused from `since` for `lasted`. */
export function stall(since: number, lasted: number): Stall {
  return { kind: "stall", since, at: since + lasted, lasted };
}

/** A server or the proxy waited for a processor from `since` for `waited`. */
export function starved(process: string, since: number, waited: number): Starved {
  return { kind: "starved", process, since, at: since + waited, waited };
}

export function storeCall(from: number, to: number, parts: Partial<StoreCall> = {}): StoreCall {
  const outcome = "answered";
  return { kind: "store_call", instance: 0, script: "changes_since", from, to, deadline: 25, outcome, ...parts };
}

export function node(sequence: number, parts: Partial<NodeContent> = {}): NodeContent {
  return {
    node: "n1",
    status: "online",
    incarnation: "e1:1",
    version: { epoch: "e1", sequence },
    max_jobs: 2,
    current_jobs: 0,
    health_milli: 500,
    pools: ["p"],
    languages: [{ source: "en", target: "de" }],
    services: [],
    ...parts,
  };
}

export function entry(sequence: number, change: ObservedChange, epoch = "e1"): Entry {
  return { kind: "entry", partition: 0, at: sequence, epoch, sequence, change };
}

export function registered(id = "n1", incarnation = "e1:1"): ObservedChange {
  const { max_jobs, health_milli, pools, languages, services } = node(1);
  return { kind: "registered", node: id, incarnation, max_jobs, health_milli, pools, languages, services };
}

/** The same change, seen by the observer at another time. */
export function seenAt<Seen extends Observation>(at: number, seen: Seen): Seen {
  return { ...seen, at };
}

export function gone(kind: "offline" | "expired" | "removed", id = "n1"): ObservedChange {
  return { kind, node: id };
}

/** The view of partition 0 was at `sequence`; null: it holds nothing. */
export function view(at: number, sequence: number | null, instance = 0, epoch = "e1"): ViewChange {
  return { kind: "view", at, instance, views: [sequence === null ? null : { epoch, sequence }] };
}

/** A load of the whole partition begins, or, with nodes, a look-up. */
export function request(from: number, parts: Partial<NodeRequest> = {}): NodeRequest {
  const page = parts.nodes === undefined ? "first" : "none";
  return {
    kind: "request",
    instance: 0,
    partition: 0,
    from,
    to: from + 1,
    nodes: [],
    page,
    outcome: "answered",
    ...parts,
  };
}

export function job(kind: "reserved" | "completed" | "released", id: string, current_jobs: number): ObservedChange {
  return { kind, node: "n1", job: id, current_jobs };
}

/** The same change, with how many jobs were ever completed on its node. */
export function counted(finished: number, change: ObservedChange): ObservedChange {
  return { ...change, finished } as ObservedChange;
}

export function dump(
  sequence: number,
  nodes: readonly (readonly [NodeContent, readonly string[]])[],
  epoch = "e1",
): Dump {
  const held = nodes.map(([content, jobs]) => ({ content, jobs, heartbeat_seq: -1 }));
  return { kind: "dump", partition: 0, at: sequence, version: { epoch, sequence }, nodes: held };
}
