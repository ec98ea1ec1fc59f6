/** Resolves a call of a plan to the command that it means in the current state. */
import type { Command, ConfigCommand, KeptLoss, Metrics, Version } from "../../../model/partition/command.ts";
import type { Log, Partition } from "../../../model/partition/partition.ts";
import type { GroupCommand, GroupItem } from "../../../model/partition/rules/group.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { noEpoch } from "../store/epochs.ts";
import type { CallMove, ItemMove, JobAt, Move, Since } from "./plan.ts";
import {
  configContents,
  jobId,
  jobIds,
  languagePairs,
  nodeIds,
  partitionCount,
  partitionOf,
  poolIds,
  type Target,
  targetOf,
  type World,
} from "./world.ts";
import { scriptOf, type WrongText, wrongText } from "./wrong-texts.ts";

export type Resolved = Clocked &
  (
    | { readonly target: number; readonly command: Command | GroupCommand }
    | { readonly target: "cfg"; readonly command: ConfigCommand }
  );

interface Clocked {
  /** The script reads the clock of its server; absent: it is given the time of the command. */
  readonly clock?: "server";
  readonly instead?: WrongText;
}

/** The incarnation of no node. */
const bogus: Version = { epoch: 0, sequence: 1 };
const nothing: Version = { epoch: noEpoch, sequence: 0 };

const plain: Metrics = { cpu: 0.25, gpu: 0.5, memory: 12.125, load: 3, latency_ms: 4.5, error_rate: 0.001 };
const metrics: Readonly<Record<MoveOf<"heartbeat">["metrics"], Metrics>> = {
  plain,
  nan: { ...plain, cpu: Number.NaN },
  negative: { ...plain, gpu: -0.5 },
  huge: { ...plain, memory: 1_000_000_000 },
  too_huge: { ...plain, load: 1_000_000_000.5 },
  infinite: { ...plain, latency_ms: Number.POSITIVE_INFINITY },
  tiny: { ...plain, memory: 123_456_789.654321, error_rate: 0.000001 },
  some: { ...plain, cpu: null, load: null, error_rate: null },
  none: { cpu: null, gpu: null, memory: null, load: null, latency_ms: null, error_rate: null },
};

/** The context in which a call is resolved. */
interface Context {
  readonly world: World;
  /** A registration token that no call has used. */
  readonly fresh: string;
  /** The part that all commands have in common. */
  readonly call: Pick<Command, "at" | "partitions" | "feedMax">;
}

type MoveOf<Do extends Move["do"]> = Extract<Move, { do: Do }>;
type Resolver<Do extends CallMove["do"]> = (move: MoveOf<Do>, context: Context) => Resolved;

/** @param fresh a registration token that no call has used */
export function resolve(move: CallMove, world: World, feedMax: number, fresh: string): Resolved {
  const call = { at: world.at, partitions: move.partitions ?? partitionCount, feedMax };
  const resolver = resolvers[move.do] as Resolver<CallMove["do"]>; // the table's type pairs them
  const resolved = resolver(move, { world, fresh, call });
  const instead = move.instead && wrongText(scriptOf(move.do), move.instead);
  return { ...resolved, ...withoutUndefined({ clock: move.clock, instead }) };
}

/** The instants at which a script may have read the clock; null: it was given that of the command. */
export function* instantsOf({ clock }: Resolved, from: number, to: number): Generator<number | null> {
  if (clock === undefined) yield null;
  else for (let at = Math.min(from, to); at <= to; at += 1) yield at;
}

/** The same call at another time. */
export function withTime(resolved: Resolved, at: number): Resolved {
  return { ...resolved, command: { ...resolved.command, at } } as Resolved;
}

const resolvers: { readonly [Do in CallMove["do"]]: Resolver<Do> } = {
  register_node: resolveRegistration,
  heartbeat: resolveHeartbeat,
  offline_node: resolveOffline,
  reserve_job: resolveJobCall,
  release_job: resolveJobCall,
  complete_job: resolveJobCall,
  group: resolveGroup,
  sweep: (move, { call, world }) => ({
    target: asTarget(move.partition),
    command: { ...call, ...sweepOf(move, world) },
  }),
  changes_since(move, { call, world }) {
    const target = asTarget(move.partition);
    const since = sinceOf(move.since, world, target);
    return { target, command: { ...call, kind: "changes_since", since, ...sizeOf(move, world, target) } };
  },
  snapshot(move, { call, world }) {
    const target = asTarget(move.partition);
    const after = move.after === null ? "" : nameOf(nodeIds, move.after);
    const records = named(nodeIds, move.records);
    return { target, command: { ...call, kind: "snapshot", records, after, ...sizeOf(move, world, target) } };
  },
  read_orphans({ after, limit, partition }, { call, world }) {
    const kept = orphansOf(world, partition);
    const orders = { start: 0, first: kept[0]?.order ?? 0, last: kept.at(-1)?.order ?? 0, negative: -1 };
    return { target: partition, command: { ...call, kind: "read_orphans", after: orders[after], limit } };
  },
  ack_orphans({ losses, partition }, { call, world }) {
    const chosen = acknowledged(losses, orphansOf(world, partition));
    return { target: partition, command: { ...call, kind: "ack_orphans", losses: chosen } };
  },
  put_config: resolvePutConfig,
  read_config: (_, { call }) => ({ target: "cfg", command: { ...call, kind: "read_config" } }),
  config_changes(move, { call, world }) {
    const since = sinceOf(move.since, world, "cfg");
    return { target: "cfg", command: { ...call, kind: "changes_since", since, ...sizeOf(move, world, "cfg") } };
  },
};

function orphansOf(world: World, partition: number): readonly KeptLoss[] {
  return world.partitions[partition]?.orphans ?? [];
}

function acknowledged(
  which: MoveOf<"ack_orphans">["losses"],
  kept: readonly KeptLoss[],
): readonly Pick<KeptLoss, "order" | "version">[] {
  const known = kept.map(({ order, version }) => ({ order, version }));
  switch (which) {
    case "none":
      return [];
    case "first":
      return known.slice(0, 1);
    case "last":
      return known.slice(-1);
    case "all":
      return known;
    case "mistaken":
      return known.map(({ order, version }) => ({ order, version: { ...version, sequence: version.sequence + 1 } }));
    case "misplaced":
      return known.map(({ order, version }) => ({ order: order + 1, version }));
    case "impossible":
      return [{ order: 0, version: bogus }];
  }
}

type Sized = MoveOf<"changes_since" | "snapshot" | "config_changes">;

/** Where a key is of a wrong type the reply is whole: whether one is met does not depend on sizes, which the model has not. */
function sizeOf({ limit, maxBytes }: Sized, { wrong }: World, target: Target): Pick<Sized, "limit" | "maxBytes"> {
  const isMeasured = maxBytes !== undefined && (wrong.get(target)?.size ?? 0) === 0;
  return isMeasured ? { limit, maxBytes } : { limit };
}

function resolveRegistration(move: MoveOf<"register_node">, { call, fresh, world }: Context): Resolved {
  const node = nameOf(nodeIds, move.node);
  const command: Command = {
    ...call,
    kind: "register_node",
    node,
    registration: tokenFor(move.token, node, world, fresh),
    expected: replacedBy(move.expected, node, world),
    maxJobs: move.maxJobs,
    ttl: move.ttl,
    pools: named(poolIds, move.pools),
    languages: named(languagePairs, move.languages),
    services: move.services === undefined ? ["asr", "nmt"].slice(0, move.pools.length) : ["\udcff"],
  };
  return { target: targetOf(node), command };
}

function resolveHeartbeat(move: MoveOf<"heartbeat">, { call, world }: Context): Resolved {
  const node = nameOf(nodeIds, move.node);
  const last = partitionOf(world, targetOf(node)).nodes.get(node)?.heartbeatSeq ?? -1;
  const choices = {
    next: last + 2,
    same: Math.max(0, last),
    older: Math.max(0, last - 1),
    jump: last + 10,
    negative: -1,
  };
  const command: Command = {
    ...call,
    kind: "heartbeat",
    node,
    incarnation: incarnationOf(move.life, node, world),
    seq: choices[move.seq],
    chunk: move.chunk,
    ttl: move.ttl,
    lease: move.lease,
    healthMilli: move.health,
    metrics: metrics[move.metrics],
    running: move.running.map((each) => jobAt(each, node, world)),
  };
  return { target: targetOf(node), command };
}

function resolveOffline(move: MoveOf<"offline_node">, { call, world }: Context): Resolved {
  const node = nameOf(nodeIds, move.node);
  const command: Command = {
    ...call,
    kind: "offline_node",
    node,
    incarnation: incarnationOf(move.life, node, world),
    retention: move.retention,
  };
  return { target: targetOf(node), command };
}

function resolveJobCall(
  move: MoveOf<"reserve_job" | "release_job" | "complete_job">,
  { call, world }: Context,
): Resolved {
  const { delivery: _, partitions: __, clock: ___, instead: ____, do: kind, node: at, job, ...rest } = move;
  const node = nameOf(nodeIds, at);
  const seen = "seen" in rest ? { seen: seenAs(rest.seen, node, world) } : {};
  const command = { ...call, kind, node, job: jobAt(job, node, world), ...rest, ...seen } as Command;
  return { target: targetOf(node), command };
}

/** All of them are made with the same knowledge: what the earlier ones do is not known to those who make the later ones. */
function resolveGroup({ items: moves }: MoveOf<"group">, context: Context): Resolved {
  const items = moves.map((item): { readonly target: number; readonly item: GroupItem } => {
    const resolver = resolvers[item.do] as Resolver<ItemMove["do"]>; // the table's type pairs them
    const { command, target } = resolver({ ...item, delivery: "delivered" }, context) as {
      readonly target: number;
      readonly command: Command;
    };
    const { at: _, feedMax: __, partitions: ___, ...own } = command;
    return { target, item: own as GroupItem };
  });
  const target = items[0]?.target ?? 0;
  const ofTarget = items.filter((each) => each.target === target).map(({ item }) => item);
  return { target, command: { ...context.call, kind: "group", items: ofTarget } };
}

function seenAs(seen: MoveOf<"reserve_job">["seen"], node: string, world: World): number {
  const finished = partitionOf(world, targetOf(node)).nodes.get(node)?.finished ?? 0;
  return { all: finished, all_but_one: Math.max(0, finished - 1), none: 0, more: finished + 1, negative: -1 }[seen];
}

function resolvePutConfig(move: MoveOf<"put_config">, { call, world }: Context): Resolved {
  const stored = world.config.config?.version ?? null;
  const older = stored === null ? bogus : { ...stored, sequence: stored.sequence - 1 };
  const expected = { right: stored, none: null, older }[move.expected];
  const content = nameOf(configContents, move.content);
  return { target: "cfg", command: { ...call, kind: "put_config", expected, content } };
}

function sweepOf(move: MoveOf<"sweep">, world: World) {
  const { gap, grace, jobLimit, limit, offset, partition, retention } = move;
  const held = partitionOf(world, asTarget(partition));
  const ids = [...held.nodes.keys(), ...(held.lost?.keys() ?? [])].filter(
    (node) => move.candidates !== "due" || isDue(held, node, world.at),
  );
  const all = { none: [], due: ids, all: ids, twice: [...ids, ...ids], too_many: tooMany(ids, limit) }[move.candidates];
  const candidates = move.candidates === "too_many" ? all : all.slice(0, Math.max(limit, 1));
  return { kind: "sweep", retention, limit, jobLimit, gap, grace, offset, candidates } as const;
}

/** One more than the limit allows, if that itself is allowed. */
function tooMany(ids: readonly string[], limit: number): readonly string[] {
  return Array.from({ length: Math.min(limit, 100) + 1 }, (_, index) => ids[index % ids.length] ?? nodeIds[0]);
}

/** Whether a sweep would find something to do. */
export function isDue({ nodes, jobs }: Partition, node: string, at: number): boolean {
  const leases = [...(jobs.get(node)?.values() ?? [])];
  return (nodes.get(node)?.expiresAt ?? 0) <= at || leases.some((deadline) => deadline <= at);
}

function tokenFor(which: "new" | "same" | "former", node: string, { tokens }: World, fresh: string): string {
  const used = tokens.get(node) ?? [];
  if (which === "new") return fresh;
  return used.at(which === "same" ? -1 : -2) ?? fresh;
}

function replacedBy(which: MoveOf<"register_node">["expected"], node: string, world: World): Version | null {
  if (which === "right") return partitionOf(world, targetOf(node)).nodes.get(node)?.incarnation ?? null;
  return which === "none" ? null : incarnationOf(which, node, world);
}

function incarnationOf(which: "current" | "former" | "bogus", node: string, world: World): Version {
  const incarnations = world.incarnations.get(node) ?? [];
  if (which === "bogus") return bogus;
  return incarnations.at(which === "current" ? -1 : -2) ?? bogus;
}

function jobAt(at: JobAt, node: string, world: World): string {
  if (typeof at === "number") return jobId(at);
  const { jobs, done } = partitionOf(world, targetOf(node));
  const found = at === "live" ? [...(jobs.get(node)?.keys() ?? [])].at(0) : [...(done.get(node)?.keys() ?? [])].at(-1);
  return found ?? jobIds[0];
}

function sinceOf(which: Since, world: World, target: Target): Version {
  const log: Log = target === "cfg" ? world.config : partitionOf(world, target);
  const { epoch, sequence } = log.meta ?? { epoch: 0, sequence: 0 };
  if (which === "none") return nothing;
  if (which === "former_epoch") return world.ended.get(target)?.at(-1) ?? bogus;
  const behind = { start: sequence, one_behind: 1, three_behind: 3, current: 0, ahead: -1 }[which];
  return { epoch, sequence: Math.max(0, sequence - behind) };
}

function asTarget(partition: number): 0 | 1 {
  return partition === 0 ? 0 : 1;
}

function named<T>(names: readonly T[], indexes: readonly number[]): readonly T[] {
  return [...indexes].sort((a, b) => a - b).map((index) => nameOf(names, index));
}

function nameOf<T>(names: readonly T[], index: number): T {
  const name = names[index];
  if (name === undefined) throw new RangeError(`a plan names number ${index} of ${names.length}`);
  return name;
}
