/** Runs written by hand for the judges of the simulator: the store's steps are the model's, unless a test makes them wrong. */
import type { Command, ConfigCommand, Version as ModelVersion, Reply } from "../../../model/partition/command.ts";
import { emptyPartition, type Partition, step } from "../../../model/partition/partition.ts";
import { type ConfigPartition, configStep, emptyConfig } from "../../../model/partition/rules/config.ts";
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import type { Call, Configuration, NodeContent, ReadAnswer, Version, Wish } from "../../../src/check/history.ts";
import type { Judgement } from "../../../src/check/judgement.ts";
import type { SchedulerEvent } from "../../../src/scheduler/events.ts";
import { resolveSettings, type Settings } from "../../../src/scheduler/settings.ts";
import type { Case } from "../../../src/simulate/judges/case.ts";
import { planOf } from "../../../src/simulate/plan/plan.ts";
import { toModelContent, toNodeState, toPort } from "../../../src/simulate/servers/protocol-values.ts";
import { Bus, type Listener } from "../../../src/simulate/trace/bus.ts";
import type {
  FaultDone,
  InstanceChanged,
  Sent,
  ServerChanged,
  Settled,
  SimEvent,
  Stepped,
} from "../../../src/simulate/trace/events.ts";
import { small } from "../small.ts";

type Bare<Any> = Any extends unknown ? Omit<Any, "at" | "partitions" | "feedMax" | "expected"> : never;
/** A registration that does not say what it replaces replaces what there is. */
export type Asked = Bare<Command> & { readonly expected?: ModelVersion | null };

const languages = [{ source: "en", target: "de" }];
const offer = { pools: ["pool-a"], languages, services: ["translate"] };

export function register(node = "n", registration = "r1"): Asked {
  return { kind: "register_node", node, registration, maxJobs: 2, ttl: 1_000, ...offer };
}

export function reserve(job: string, node = "n", lease = 1_000, seen = 0): Asked {
  return { kind: "reserve_job", node, job, lease, seen };
}

export function complete(job: string, node = "n"): Asked {
  return { kind: "complete_job", node, job, doneFor: 600_000, doneMax: 1_000 };
}

export function release(job: string, node = "n"): Asked {
  return { kind: "release_job", node, job };
}

export function offline(stage: Stage): Asked {
  return { kind: "offline_node", node: "n", incarnation: stage.incarnation(), retention: 1_000 };
}

/** A judge that hears a run as it is written. */
export interface StagedJudge {
  readonly listeners: readonly Listener[];
  finish(): Judgement;
}

export type MakeStaged = (theCase: Case) => StagedJudge;

/** The changes that a wrong store makes to the result of a step. */
export interface Wrong {
  readonly after?: (after: Partition) => Partition;
  readonly reply?: Reply;
}

export interface StageOptions {
  readonly faults?: readonly Fault[];
  readonly settings?: Partial<Settings>;
  readonly feedMax?: number;
}

/** A store that says that the job holds no place although it does, or the other way round. */
export function withJobs(node: string, jobs: readonly string[], counted = jobs.length): Wrong {
  return {
    after: (after) => {
      const record = after.nodes.get(node);
      if (record === undefined) throw new RangeError(`no node ${node}`);
      const held = new Map(jobs.map((job) => [job, 2_000_000]));
      return {
        ...after,
        nodes: new Map(after.nodes).set(node, { ...record, currentJobs: counted }),
        jobs: new Map(after.jobs).set(node, held),
      };
    },
  };
}

/** Two instances, one partition, server 1 until another is promoted. Bounds: 300 ms of staleness, 1,000 ms to recover and to converge. */
export class Stage {
  readonly #judge: StagedJudge;
  readonly #bus: Bus;
  readonly #stores = new Map<number, Partition>();
  readonly #feedMax: number;
  #nextEpoch = 1;
  #config: ConfigPartition = emptyConfig;
  #requests = 0;
  #calls = 0;
  /** Their requests have numbers of their own. */
  #probes = 0;

  constructor(make: MakeStaged, { faults = [], feedMax = 100, settings = {} }: StageOptions = {}) {
    const topology = { instances: 2, nodes: 2, maxJobsPerNode: 2, partitions: 1, feedMax };
    const plan = { ...planOf(small([], { topology }), 1), faults };
    const theCase: Case = {
      plan,
      settings: resolveSettings({ partitions: 1, ...settings }),
      instances: 2,
      partitions: 1,
      budget: 50,
      convergence: 1_000,
      recovery: 1_000,
      staleness: 300,
    };
    this.#feedMax = feedMax;
    this.#judge = make(theCase);
    this.#bus = new Bus([], this.#judge.listeners);
    this.#stores.set(1, { ...emptyPartition, server: 1 });
  }

  finish(): Judgement {
    return this.#judge.finish();
  }

  /** The number of the last request. */
  get sent(): number {
    return this.#requests;
  }

  hear(...events: readonly SimEvent[]): void {
    for (const event of events) this.#bus.emit(event);
  }

  state(server = 1): Partition {
    const state = this.#stores.get(server);
    if (state === undefined) throw new RangeError(`no server ${server}`);
    return state;
  }

  /** Where the store is. */
  version(server = 1): Version {
    const { meta } = this.state(server);
    return meta === null ? { epoch: "", sequence: 0 } : toPort(meta);
  }

  content(node = "n", server = 1): NodeContent {
    const record = this.state(server).nodes.get(node);
    if (record === undefined) throw new RangeError(`no node ${node}`);
    return toNodeState(node, record);
  }

  incarnation(node = "n", server = 1) {
    const record = this.state(server).nodes.get(node);
    if (record === undefined) throw new RangeError(`no node ${node}`);
    return record.incarnation;
  }

  #whole(asked: Asked, server = 1): object {
    if (asked.kind !== "register_node" || asked.expected !== undefined) return asked;
    return { ...asked, expected: this.state(server).nodes.get(asked.node)?.incarnation ?? null };
  }

  /** A request is sent, and runs. @returns its number */
  ask(at: number, asked: Asked, parts: { instance?: number; server?: number; wrong?: Wrong } = {}): number {
    const request = this.send(at, asked, parts.instance);
    this.run(at, asked, { ...parts, request });
    return request;
  }

  send(at: number, asked: Asked, instance = 0): number {
    this.#requests += 1;
    const question = { kind: "nodes", partition: 0, asked: this.#whole(asked) } as Sent["question"];
    const place = { at, instance, request: this.#requests, script: asked.kind, partition: 0 } as const;
    this.hear({ ...place, kind: "sent", question, deadline: 30 });
    return this.#requests;
  }

  run(
    at: number,
    asked: Asked,
    {
      instance = 0,
      request = 0,
      server = 1,
      wrong = {},
    }: {
      instance?: number;
      request?: number;
      server?: number;
      wrong?: Wrong;
    } = {},
  ): Stepped {
    const call = { at: 1_000_000 + Math.floor(at), partitions: 1, feedMax: this.#feedMax };
    const command = { ...this.#whole(asked, server), ...call } as Command;
    const own = this.state(server);
    const isNew = own.meta === null || own.meta.server !== own.server;
    const before = isNew ? { ...own, nextEpoch: this.#nextEpoch++ } : own;
    const made = step(before, command);
    const after = wrong.after?.(made.state) ?? made.state;
    this.#stores.set(server, after);
    const place = { kind: "stepped", at, server, instance, request, partition: 0 } as const;
    const event: Stepped = {
      ...place,
      command,
      before,
      after,
      reply: wrong.reply ?? made.reply,
      changes: made.changes,
    };
    this.hear(event);
    return event;
  }

  settle(
    at: number,
    request: number,
    outcome: "answered" | "deadline" | "disconnected" = "answered",
    instance = 0,
  ): void {
    const place = { kind: "settled", at, instance, request, script: "reserve_job", partition: 0 } as const;
    this.hear({ ...place, from: at - 1, deadline: 30, outcome });
  }

  /** A question what has changed, and the answer: nothing. */
  poll(from: number, at: number): void {
    const { meta } = this.state();
    const since = meta === null ? { epoch: 0, sequence: 0 } : { epoch: meta.epoch, sequence: meta.sequence };
    const asked = { kind: "changes_since", since, limit: 10 } as const;
    const request = this.send(from, asked);
    this.run(from, asked, { request });
    const place = { at, instance: 0, request, script: "changes_since", partition: 0 } as const;
    this.hear({ ...place, kind: "settled", from, deadline: 25, outcome: "answered" });
  }

  /** The configuration is read, or only asked whether it has changed: it has. */
  pollConfig(from: number, at: number, script: "read_config" | "check_config"): void {
    this.#probes -= 1;
    const place = { at, instance: 0, request: this.#probes, script, partition: "cfg" } as const;
    this.hear({ ...place, kind: "settled", from, deadline: 25, outcome: "answered" });
  }

  /** A question that only asks whether the store answers, and its end. */
  probe(at: number, outcome: "answered" | "deadline" = "answered", instance = 0): void {
    this.#probes -= 1;
    const asked = { kind: "changes_since", since: { epoch: "", sequence: 0 }, limit: 0 } as const;
    const question = { kind: "nodes", partition: 0, asked } as unknown as Sent["question"];
    const place = { at, instance, request: this.#probes, script: "changes_since", partition: 0 } as const;
    this.hear({ ...place, kind: "sent", question, deadline: 30 });
    this.hear({ ...place, kind: "settled", from: at, deadline: 25, outcome });
  }

  /** A heartbeat, and how it ended. */
  beat(at: number, outcome: Settled["outcome"], instance = 0): void {
    this.#probes -= 1;
    const question = { kind: "nodes", partition: 0, asked: { kind: "heartbeat" } } as unknown as Sent["question"];
    const place = { at, instance, request: this.#probes, script: "heartbeat", partition: 0 } as const;
    this.hear({ ...place, kind: "sent", question, deadline: 30 });
    this.hear({ ...place, kind: "settled", from: at, deadline: 30, outcome });
  }

  /** Another server takes over with what `data` holds. */
  promote(at: number, server: number, data: Partition, what: ServerChanged["what"] = "promoted"): void {
    this.#stores.set(server, { ...data, server });
    this.hear({ kind: "server", at, server, what, data: "behind" });
  }

  /** @param until up to when the client waited, where it has no answer */
  returned(parts: Partial<Call> & Pick<Call, "op" | "from" | "to">, until = parts.from): void {
    this.#calls += 1;
    const call: Call = {
      kind: "call",
      id: this.#calls,
      instance: 0,
      node: "n",
      outcome: "ok",
      reply: "found",
      ...parts,
    };
    this.hear({ kind: "returned", at: call.to ?? until, call });
  }

  /** A client is shown a node, or that there is none; as old as it may be without being stale. */
  read(
    from: number,
    node: NodeContent | null,
    parts: Partial<ReadAnswer> & { to?: number; instance?: number; id?: string } = {},
  ): void {
    const { id = node?.node ?? "n", instance = 0, to = from, ...more } = parts;
    const read = {
      found: node !== null,
      source: node === null ? "redis" : "l2",
      stale: false,
      age_ms: 50,
      mode: "normal",
      node,
    };
    const call = this.called(from, "get_node", instance);
    this.returned({ id: call, op: "get_node", node: id, instance, from, to, read: { ...read, ...more } });
  }

  /** A client asks an instance for something. @returns its number, which `returned` takes */
  called(at: number, op: Call["op"], instance = 0, parts: { job?: string; asked?: Wish } = {}): number {
    this.#calls += 1;
    this.hear({ kind: "called", at, call: this.#calls, instance, op, node: "", job: "", ...parts });
    return this.#calls;
  }

  /** At most four are asked for. */
  select(at: number, nodes: readonly NodeContent[], mode = "normal", instance = 0, pool = "pool-a"): void {
    this.selectFor(at, { pool, source: "en", target: "de", services: ["translate"], count: 4 }, nodes, {
      mode,
      instance,
    });
  }

  selectFor(
    at: number,
    asked: Wish,
    nodes: readonly NodeContent[],
    { instance = 0, mode = "normal" }: { mode?: string; instance?: number } = {},
  ): void {
    const id = this.called(at, "select_nodes", instance, { asked });
    this.returned({ id, op: "select_nodes", instance, from: at, to: at, reply: mode, selected: nodes, asked });
  }

  /** A configuration is stored. @returns its version */
  store(at: number, content: Configuration): Version {
    const before = this.#config;
    const pools = content.pools.map((pool) => ({ name: "", ...pool }));
    const command: ConfigCommand = {
      ...{ kind: "put_config", at: 1_000_000 + at, partitions: 1, feedMax: 100 },
      expected: before.config?.version ?? null,
      content: toModelContent({ ...content, pools, pool_count: pools.length }),
    };
    const { reply, state: after } = configStep(before, command);
    this.#config = after;
    this.hear({ kind: "config_stepped", at, server: 1, instance: 0, request: 0, command, before, after, reply });
    if (reply.kind !== "stored") throw new Error(`a configuration was answered ${reply.kind}`);
    return toPort(reply.version);
  }

  /** An instance says which configuration it has. */
  take(at: number, version: Version | null, instance = 0): void {
    this.says(at, { kind: "config_changed", version, enabled: version !== null }, instance);
  }

  says(at: number, what: Saying, instance = 0): void {
    this.hear({ kind: "scheduler", at, instance, what: { ...what, at } as SchedulerEvent });
  }

  mode(at: number, from: "normal" | "l2_only" | "local_only", to: typeof from, instance = 0): void {
    this.says(at, { kind: "mode_changed", from, to, cause: to === "normal" ? "resynced" : "deadline" }, instance);
  }

  /** The view of an instance is there now. */
  view(at: number, version: Version, instance = 0): void {
    this.says(at, { kind: "view_advanced", partition: 0, version, entries: 1 }, instance);
  }

  instance(at: number, state: InstanceChanged["state"], instance = 0): void {
    this.hear({ kind: "instance", at, instance, state });
  }

  fault(at: number, step_: FaultDone["step"], parts: Partial<FaultDone> = {}): void {
    const place = { kind: "fault", fault: 0, name: "redis_blackhole", instance: 0, link: "commands" } as const;
    this.hear({ ...place, at, step: step_, cutsOff: true, ...parts });
  }

  phase(at: number, name: "load" | "healed" | "quiet" | "end"): void {
    this.hear({ kind: "phase", at, name });
  }
}

/**
 * A failover whose replica has not been asked yet, and a split of it at once: both sides begin an epoch of the same past, the one that will yield
 * after the other. @returns the servers of both sides
 */
export function splitAfterFailover(stage: Stage): { readonly losing: number; readonly winning: number } {
  const look = { kind: "changes_since", since: { epoch: 1, sequence: 1 }, limit: 0 } as const;
  const [losing, winning] = [2, 3];
  stage.promote(5, losing, stage.state());
  stage.promote(6, winning, stage.state(losing));
  stage.run(7, look, { server: winning, instance: 1 });
  stage.run(8, look, { server: losing });
  return { losing, winning };
}

type Saying = SchedulerEvent extends infer Each ? (Each extends unknown ? Omit<Each, "at"> : never) : never;
