/** The fields of the system model are a faithful image of the partition: the same calls give the same there and here. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { brokenInvariants } from "../../../model/partition/checks/invariants.ts";
import { step } from "../../../model/partition/partition.ts";
import { changeServer, emptyPartition, type Partition } from "../../../model/partition/state.ts";
import { type Ask, commandOf, jobName, nameOf, token } from "../../../model/system/commands.ts";
import { domainsOf, type Store } from "../../../model/system/state.ts";
import { ModelStore } from "../../../model/system/store.ts";
import { layOut } from "../../../src/explore/search/layout.ts";

const bounds = {
  nodes: 2,
  jobs: 2,
  instances: 1,
  capacity: 1,
  epochs: 4,
  sequences: 20,
  laterSequences: 0,
  incarnations: 2,
  heartbeats: 2,
  feedEntries: 3,
  replicas: 0,
  formerPrimaries: 1,
  ttl: 0,
};
const domains = domainsOf(bounds);

const n = fc.integer({ min: 0, max: 1 });
const j = n;
const version = fc.record({ epoch: fc.integer({ min: 1, max: 2 }), sequence: fc.integer({ min: 0, max: 5 }) });
const asks: fc.Arbitrary<Ask> = fc.oneof(
  fc.record({
    kind: fc.constant("register" as const),
    n,
    life: fc.integer({ min: 1, max: 2 }),
    expected: fc.oneof({ arbitrary: fc.constant(null), weight: 2 }, { arbitrary: version, weight: 3 }),
  }),
  fc.record({ kind: fc.constant("heartbeat" as const), n, incarnation: version, seq: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ kind: fc.constantFrom("reserve" as const, "complete" as const), n, j }),
  fc.record({ kind: fc.constant("expire" as const), n }),
  fc.record({ kind: fc.constant("lapse" as const), n, j }),
  fc.record({ kind: fc.constant("changes" as const), since: version }),
);

/** The server is restarted, or another one is promoted: with the data that there were. */
const anotherServer = fc.constant("another server" as const);

/** In a real partition time passes; here it is taken to be up for what the call is about. */
function timeIsUp(partition: Partition, ask: Ask): Partition {
  if (ask.kind === "expire") {
    const record = partition.nodes.get(nameOf(ask.n));
    if (record === undefined) return partition;
    return { ...partition, nodes: new Map(partition.nodes).set(nameOf(ask.n), { ...record, expiresAt: 1 }) };
  }
  const leases = ask.kind === "lapse" ? partition.jobs.get(nameOf(ask.n)) : undefined;
  if (ask.kind !== "lapse" || !leases?.has(jobName(ask.j))) return partition;
  return { ...partition, jobs: new Map(partition.jobs).set(nameOf(ask.n), new Map(leases).set(jobName(ask.j), 1)) };
}

function imageOf({ meta, feed, nodes, jobs, done, nextEpoch }: Partition) {
  return {
    meta: { epoch: meta?.epoch ?? 0, sequence: meta?.sequence ?? 0, nextEpoch },
    place: { generation: meta?.generation ?? 0, past: meta?.past ?? [] },
    feed: feed.map(({ sequence, change }) => ({ sequence, node: "node" in change ? change.node : null })),
    nodes: [0, 1].map((each) => {
      const record = nodes.get(nameOf(each));
      if (record === undefined) return null;
      const { status, incarnation, version, registration, heartbeatSeq, currentJobs } = record;
      const live = [...(jobs.get(nameOf(each))?.keys() ?? [])].sort();
      const finished = [...(done.get(nameOf(each))?.keys() ?? [])].sort();
      return { status, incarnation, version, registration, heartbeatSeq, currentJobs, live, finished };
    }),
  };
}

function fieldsOf({ meta, feed, node }: Store) {
  const membersOf = (set: { has(name: number): boolean }) => [0, 1, 2].filter((name) => set.has(name));
  return {
    meta: { epoch: meta.epoch, sequence: meta.sequence, nextEpoch: meta.nextEpoch },
    place: { generation: meta.succession.generation, past: domains.order.membersOf(meta.succession.past) },
    feed: [...feed].map(({ sequence, change }) => ({ sequence, node: nameOf(change.n) })),
    nodes: [0, 1].map((each) => {
      const record = node.get(each);
      if (record === null) return null;
      const { status, incarnation, version, life, heartbeatSeq, count, jobs, done } = record;
      return {
        ...{ status, heartbeatSeq, currentJobs: count },
        incarnation: { epoch: incarnation.epoch, sequence: incarnation.sequence },
        version: { epoch: version.epoch, sequence: version.sequence },
        registration: token(life),
        ...{ live: membersOf(jobs).map(jobName), finished: membersOf(done).map(jobName) },
      };
    }),
  };
}

function newStore(): Store {
  const store = layOut(domains.store).draft as Store;
  store.meta = domains.unwritten;
  return store;
}

describe("the store of the system model", () => {
  it("does what the partition does, call after call", () => {
    const modelStore = new ModelStore(domains, bounds, step);
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ arbitrary: asks, weight: 20 }, anotherServer), { minLength: 20, maxLength: 40 }),
        (calls) => {
          const store = newStore();
          let partition = emptyPartition;
          for (const ask of calls) {
            if (ask === "another server") {
              if (partition.meta === null || partition.nextEpoch > bounds.epochs) continue;
              partition = changeServer(partition);
              store.meta = domains.Meta.of({ ...store.meta, isForeign: true });
              continue;
            }
            const expected = step(timeIsUp(partition, ask), commandOf(ask, bounds));
            const reply = modelStore.call(store, ask);
            if ((expected.state.meta?.sequence ?? 0) > bounds.sequences) {
              expect(reply).toBeNull();
              return;
            }
            partition = expected.state;
            expect(fieldsOf(store)).toEqual(imageOf(partition));
            expect(reply?.kind).toBe(expected.reply.kind);
            seen.add(`${ask.kind} ${expected.reply.kind}`);
            if (partition.meta !== null) seen.add(`generation ${partition.meta.generation}`);
            expect(modelStore.broken(store)).toEqual(brokenInvariants(partition));
          }
        },
      ),
      { numRuns: 300 },
    );
    const met = [
      "register registered",
      "register superseded",
      "register conflict",
      "heartbeat renewed",
      "heartbeat superseded",
      "reserve full",
      "generation 4",
    ];
    expect([...seen]).toEqual(
      expect.arrayContaining([...met, "reserve finished", "complete completed", "changes resync"]),
    );
  });

  it("refuses a registration that its successor has overtaken, however often it comes", () => {
    const modelStore = new ModelStore(domains, bounds, step);
    const store = newStore();
    const register = (life: number) => modelStore.call(store, { kind: "register", n: 0, life, expected: null })?.kind;
    expect([2, 1, 2, 1].map(register)).toEqual(["registered", "conflict", "already", "conflict"]);
  });

  it("is as it was where the scope ends", () => {
    const modelStore = new ModelStore(domains, { ...bounds, sequences: 1 }, step);
    const store = newStore();
    expect(modelStore.call(store, { kind: "register", n: 0, life: 1, expected: null })?.kind).toBe("registered");
    const before = fieldsOf(store);
    expect(modelStore.call(store, { kind: "register", n: 1, life: 1, expected: null })).toBeNull();
    expect(fieldsOf(store)).toEqual(before);
  });
});
