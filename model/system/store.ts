/**
 * The store of the `system` model: its fields become a `Partition`, on which the one `step` works that `conform` holds against Lua,
 * and what comes out becomes fields again. Each step is worked out once and remembered.
 *
 * Time is left out. A node's time, or a lease, is up when an action says so: that one deadline lies before `now`, all others after it.
 */

import { type Broken, brokenInvariants } from "../partition/checks/invariants.ts";
import type { Change as FullChange, NodeRecord, Reply } from "../partition/command.ts";
import type { Partition } from "../partition/state.ts";
import {
  type Ask,
  commandOf,
  type Designed,
  deadlines,
  jobName,
  keyOfAsk,
  livesIn,
  metrics,
  nameOf,
  token,
} from "./calls.ts";
import type { Bounds } from "./scope.ts";
import type { Change, FeedEntry, Meta, Store, StoredNode, Words } from "./state.ts";

interface Outcome {
  readonly meta: Meta;
  readonly feed: readonly FeedEntry[];
  readonly nodes: readonly (StoredNode | null)[];
  readonly reply: Reply;
}

export interface StoreOfSystem {
  /** The store does what it is asked. @returns null, and the store is as it was, where epochs or versions have run out */
  call(store: Store, ask: Ask): Reply | null;
  broken(store: Store): readonly Broken[];
  /** What the feed tells of a change. */
  told(change: FullChange): Change;
}

export function storeOf(
  words: Words,
  bounds: Pick<Bounds, "capacity" | "epochs" | "sequences" | "laterSequences" | "feedEntries">,
  step: Designed,
): StoreOfSystem {
  const { nodes, jobs, lives, JobSet, LifeSet, Version, Meta, StoredNode, Change, FeedEntry } = words;
  const outcomes = new Map<string, Outcome | null>();
  const claims = new Map<string, readonly Broken[]>();

  function call(store: Store, ask: Ask): Reply | null {
    const key = `${keyOf(store)} ${keyOfAsk(ask)}`;
    let outcome = outcomes.get(key);
    if (outcome === undefined) {
      outcome = workOut(store, ask);
      outcomes.set(key, outcome);
    }
    if (outcome === null) return null;
    store.meta = outcome.meta;
    store.feed.clear();
    for (const entry of outcome.feed) store.feed.push(entry);
    for (const n of nodes.all) store.node.set(n, outcome.nodes[n] ?? null);
    return outcome.reply;
  }

  function workOut(store: Store, ask: Ask): Outcome | null {
    const { state, reply } = step(partitionOf(store, ask), commandOf(ask, bounds));
    const { meta, nextEpoch } = state;
    if (nextEpoch > bounds.epochs + 1 || (meta !== null && meta.sequence > lastSequence(bounds, meta.epoch)))
      return null;
    return {
      meta: Meta.of({ epoch: meta?.epoch ?? 0, sequence: meta?.sequence ?? 0, isForeign: false, nextEpoch }),
      feed: state.feed.map(({ sequence, change }) => FeedEntry.of({ sequence, change: told(change) })),
      nodes: nodes.all.map((n) => nodeOf(state, nameOf(n))),
      reply,
    };
  }

  function partitionOf({ meta, feed, node }: Store, ask: Ask | null): Partition {
    const { epoch, sequence, isForeign, nextEpoch } = meta;
    const stored = nodes.all.flatMap((n) => {
      const each = node.get(n);
      return each === null ? [] : [{ n, name: nameOf(n), each }];
    });
    const some = (entries: readonly (readonly [string, ReadonlyMap<string, number>])[]) =>
      new Map(entries.filter(([, map]) => map.size > 0));
    const leasesOf = (n: number, { jobs: live }: StoredNode) =>
      new Map(membersOf(jobs.all, live).map((j): [string, number] => [jobName(j), deadlines.ofLease(ask, n, j)]));
    const scoresOf = ({ done }: StoredNode) =>
      new Map(membersOf(jobs.all, done).map((j): [string, number] => [jobName(j), j + 1]));
    return {
      meta: epoch === 0 ? null : { epoch, sequence, server: 1, layout: 1, partitions: 1 },
      server: isForeign ? 2 : 1,
      nextEpoch,
      feed: [...feed].map(({ sequence: at, change }) => ({ sequence: at, change: untold(change) })),
      nodes: new Map(stored.map(({ n, name, each }) => [name, recordOf(each, deadlines.ofNode(ask, n))])),
      jobs: some(stored.map(({ n, name, each }) => [name, leasesOf(n, each)])),
      done: some(stored.map(({ name, each }) => [name, scoresOf(each)])),
    };
  }

  function recordOf(
    { status, incarnation, version, life, former, heartbeatSeq, count }: StoredNode,
    expiresAt: number,
  ): NodeRecord {
    return {
      ...{ status, incarnation, version, heartbeatSeq, expiresAt },
      ...{
        registration: token(life),
        former: membersOf(lives.all, former).map(token),
        maxJobs: bounds.capacity,
        currentJobs: count,
      },
      ...{ metrics: heartbeatSeq < 0 ? null : metrics, healthMilli: 500, services: [], languages: [], pools: [] },
    };
  }

  function nodeOf({ nodes: records, jobs: live, done }: Partition, name: string): StoredNode | null {
    const each = records.get(name);
    if (each === undefined) return null;
    const { status, heartbeatSeq, currentJobs } = each;
    const setOf = (held: ReadonlyMap<string, number> | undefined) =>
      JobSet.of(...jobs.all.filter((j) => held?.has(jobName(j)) ?? false));
    return StoredNode.of({
      ...{ status, heartbeatSeq, count: currentJobs },
      incarnation: Version.of(each.incarnation),
      version: Version.of(each.version),
      life: livesIn(lives.all, [each.registration])[0] ?? 0,
      former: LifeSet.of(...livesIn(lives.all, each.former)),
      jobs: setOf(live.get(name)),
      done: setOf(done.get(name)),
    });
  }

  function told(change: FullChange): Change {
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

  /** A change with as much in it as `told` left: no rule of the store reads more of a feed than its sequences. */
  function untold(change: Change): FullChange {
    const node = nameOf(change.n);
    if (change.kind === "removed") return { kind: "removed", node };
    if (change.kind === "jobs") return { kind: "lapsed", node, jobs: [], currentJobs: change.count };
    if (change.kind === "gone") return { kind: "expired", node, orphaned: [] };
    const lists = { pools: [], languages: [], services: [], orphaned: [] };
    return {
      kind: "registered",
      node,
      incarnation: { epoch: 1, sequence: 0 },
      maxJobs: bounds.capacity,
      healthMilli: 500,
      ...lists,
    };
  }

  function keyOf({ meta, feed, node }: Store): string {
    let key = String(meta.code);
    for (const { code } of feed) key += `,${code}`;
    for (const n of nodes.all) key += ` ${node.get(n)?.code ?? ""}`;
    return key;
  }

  function broken(store: Store): readonly Broken[] {
    const key = keyOf(store);
    const known = claims.get(key);
    if (known !== undefined) return known;
    const found = brokenInvariants(partitionOf(store, null));
    claims.set(key, found);
    return found;
  }

  return { call, broken, told };
}

/** The highest sequence that an epoch has in the scope. */
export function lastSequence(
  { sequences, laterSequences }: Pick<Bounds, "sequences" | "laterSequences">,
  epoch: number,
): number {
  return epoch > 1 && laterSequences > 0 ? Math.min(sequences, laterSequences) : sequences;
}

function membersOf(all: readonly number[], set: { has(name: number): boolean }): readonly number[] {
  return all.filter((name) => set.has(name));
}
