/**
 * Converts the store's fields in a state of the `system` model to a `Partition`, and back.
 *
 * Without a clock, a node's time, or a lease, is up when an action says so: that one deadline lies before `now`, all others after it.
 */
import type { Change as FullChange, NodeRecord } from "../partition/command.ts";
import type { Meta as FullMeta, LastSweep, Partition } from "../partition/state.ts";
import {
  type Ask,
  clock,
  deadlines,
  incarnationOf,
  jobName,
  metrics,
  nameOf,
  ticksFrom,
  ticksTo,
  token,
} from "./commands.ts";
import type { Bounds } from "./scope.ts";
import type { Change, Domains, FeedEntry, Meta, Store, StoredNode } from "./state.ts";

interface StoreFields {
  readonly meta: Meta;
  readonly feed: readonly FeedEntry[];
  readonly nodes: readonly (StoredNode | null)[];
}

export class PartitionFields {
  readonly #domains: Domains;
  readonly #maxJobs: number;
  /** 0: there is no clock. */
  readonly #ttl: number;

  constructor(domains: Domains, { capacity, ttl }: Pick<Bounds, "capacity" | "ttl">) {
    this.#domains = domains;
    this.#maxJobs = capacity;
    this.#ttl = ttl;
  }

  /** @param ask the call about to be made, which decides the time that is up; null: none is */
  partitionOf({ meta, feed, node }: Store, ask: Ask | null): Partition {
    const { nodes, jobs, order } = this.#domains;
    const { epoch, sequence, isForeign, nextEpoch } = meta;
    const succession = { ...meta.succession, past: order.membersOf(meta.succession.past) };
    const stored = nodes.all.flatMap((n) => {
      const each = node.get(n);
      return each === null ? [] : [{ n, name: nameOf(n), each }];
    });
    const some = (entries: readonly (readonly [string, ReadonlyMap<string, number>])[]) =>
      new Map(entries.filter(([, map]) => map.size > 0));
    const hasClock = this.#ttl > 0;
    const leasesOf = (n: number, { jobs: live, leaseIn }: StoredNode) => {
      const deadlineOf = (j: number) => (hasClock ? ticksFrom(leaseIn) : deadlines.ofLease(ask, n, j));
      return new Map(membersOf(jobs.all, live).map((j): [string, number] => [jobName(j), deadlineOf(j)]));
    };
    const expiryOf = (n: number, { expiresIn }: StoredNode) =>
      hasClock ? ticksFrom(expiresIn) : deadlines.ofNode(ask, n);
    const scoresOf = ({ done }: StoredNode) =>
      new Map(membersOf(jobs.all, done).map((j): [string, number] => [jobName(j), j + 1]));
    return {
      meta:
        epoch === 0
          ? null
          : { epoch, sequence, server: 1, layout: 2, partitions: 1, ...succession, swept: sweptOf(meta) },
      server: isForeign ? 2 : 1,
      nextEpoch,
      orphans: [],
      feed: [...feed].map(({ sequence: at, change }) => ({ sequence: at, change: this.#fullChange(change) })),
      nodes: new Map(stored.map(({ n, name, each }) => [name, this.#recordOf(each, expiryOf(n, each))])),
      jobs: some(stored.map(({ n, name, each }) => [name, leasesOf(n, each)])),
      done: some(stored.map(({ name, each }) => [name, scoresOf(each)])),
    };
  }

  fieldsOf(partition: Partition): StoreFields {
    const { Meta, FeedEntry, nodes, order } = this.#domains;
    const { meta, nextEpoch, feed } = partition;
    const succession = meta === null ? order.none : order.successionOf(meta);
    return {
      meta: Meta.of({
        ...{ epoch: meta?.epoch ?? 0, sequence: meta?.sequence ?? 0, isForeign: false, nextEpoch },
        ...this.#sweptOf(meta),
        succession,
      }),
      feed: feed.map(({ sequence, change }) => FeedEntry.of({ sequence, change: this.changeOf(change) })),
      nodes: nodes.all.map((n) => this.#nodeOf(partition, nameOf(n))),
    };
  }

  #sweptOf(meta: FullMeta | null): Pick<Meta, "sweptAgo" | "heldFor"> {
    if (this.#ttl === 0 || meta === null || meta.swept === null) return { sweptAgo: -1, heldFor: 0 };
    const { at, heldUntil } = meta.swept;
    return { sweptAgo: (ticksFrom(0) - at) / clock.tick, heldFor: ticksTo(heldUntil) };
  }

  /** As much of a change as the feed of the model keeps. */
  changeOf(change: FullChange): Change {
    const { nodes, Change } = this.#domains;
    if (change.kind === "config") throw new TypeError("a partition of nodes has no configuration");
    const n = nodes.all.find((each) => nameOf(each) === change.node) ?? -1;
    if ("currentJobs" in change) return Change.make.jobs({ n, count: change.currentJobs });
    switch (change.kind) {
      case "registered":
        return Change.make.registered({ n });
      case "removed":
        return Change.make.removed({ n });
      default:
        return Change.make.gone({ n });
    }
  }

  /** A change with as much in it as `changeOf` left: no rule of the store reads more of a feed than its sequences. */
  #fullChange(change: Change): FullChange {
    const node = nameOf(change.n);
    if (change.kind === "removed") return { kind: "removed", node };
    if (change.kind === "jobs") return { kind: "lapsed", node, jobs: [], currentJobs: change.count };
    if (change.kind === "gone") return { kind: "expired", node, orphaned: [] };
    const capacity = { finished: 0, maxJobs: this.#maxJobs, healthMilli: 500 };
    const lists = { pools: [], languages: [], services: [], orphaned: [] };
    return { kind: "registered", node, incarnation: { epoch: 1, sequence: 0 }, ...capacity, ...lists };
  }

  #recordOf(stored: StoredNode, expiresAt: number): NodeRecord {
    const { status, incarnation, version, life, heartbeatSeq, count, done } = stored;
    return {
      ...{
        status,
        incarnation,
        version,
        heartbeatSeq,
        heartbeatChunk: 0,
        expiresAt,
        maxJobs: this.#maxJobs,
        currentJobs: count,
      },
      finished: membersOf(this.#domains.jobs.all, done).length, // none is forgotten here
      registration: token(life),
      ...{ metrics: heartbeatSeq < 0 ? null : metrics, healthMilli: 500, services: [], languages: [], pools: [] },
    };
  }

  #nodeOf({ nodes: records, jobs: live, done }: Partition, name: string): StoredNode | null {
    const { jobs, lives, JobSet, Version, StoredNode } = this.#domains;
    const record = records.get(name);
    if (record === undefined) return null;
    const { status, heartbeatSeq, currentJobs } = record;
    const setOf = (held: ReadonlyMap<string, number> | undefined) =>
      JobSet.of(...jobs.all.filter((j) => held?.has(jobName(j)) ?? false));
    const hasClock = this.#ttl > 0;
    return StoredNode.of({
      ...{ status, count: currentJobs },
      // With a clock each heartbeat is the next in order.
      heartbeatSeq: hasClock ? -1 : heartbeatSeq,
      expiresIn: hasClock ? ticksTo(record.expiresAt) : 0,
      leaseIn: hasClock ? Math.min(this.#ttl, ...[...(live.get(name)?.values() ?? [0])].map(ticksTo)) : 0,
      incarnation: Version.of(record.incarnation),
      version: Version.of(record.version),
      life: incarnationOf(lives.all, record.registration),
      jobs: setOf(live.get(name)),
      done: setOf(done.get(name)),
    });
  }
}

function membersOf(all: readonly number[], set: { has(name: number): boolean }): readonly number[] {
  return all.filter((name) => set.has(name));
}

function sweptOf({ sweptAgo, heldFor }: Meta): LastSweep | null {
  return sweptAgo < 0 ? null : { at: ticksFrom(-sweptAgo), heldUntil: ticksFrom(heldFor) };
}
