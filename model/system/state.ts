/** The state of the `system` model: what a store holds, what an instance believes, what is in flight, each with its bounds. */
import { bool, type Domain, integer, names, oneOf, only, optional, type ValueOf } from "../language/domain.ts";
import { type Draft, inFlight, mapOf, sequenceOf, struct } from "../language/schema.ts";
import { setOf } from "../language/subset.ts";
import { record, union } from "../language/value.ts";
import { clock } from "./commands.ts";
import { EpochOrder } from "./epoch-order.ts";
import type { Bounds } from "./scope.ts";

export type Domains = ReturnType<typeof domainsOf>;
export type Store = Draft<Domains["store"]>;
export type Instance = Draft<Domains["instance"]>;
export type Seen = ValueOf<Domains["Seen"]>;
export type Change = ValueOf<Domains["Change"]>;
export type StoredNode = ValueOf<Domains["StoredNode"]>;
export type Meta = ValueOf<Domains["Meta"]>;
export type FeedEntry = ValueOf<Domains["FeedEntry"]>;
export type Version = ValueOf<Domains["Version"]>;
export type Message = ValueOf<Domains["Message"]>;
/** Calls that arrive as one, in their order. */
export type Group = readonly Message[];
export type Job = ValueOf<Domains["Job"]>;
export type SystemSchema = ReturnType<typeof schemaOf>;
export type State = Draft<SystemSchema>;
type Pulse = "new" | "due" | "sent" | "silent";

type FaultBound = "faults" | "lostAnswers" | "repeats" | "lostServers";
type DomainBounds = Omit<Bounds, "capacity" | "messages" | "groups" | FaultBound | "liveness" | "normalForm">;

export function domainsOf(bounds: DomainBounds) {
  const basics = basicDomains(bounds);
  const store = storeDomains(basics, bounds);
  const instance = instanceDomains(basics, store.Change);
  return { ...basics, ...store, ...instance, ...callDomains(basics, instance.Seen, bounds) };
}

type Basics = ReturnType<typeof basicDomains>;

/** The names of what there are several of, and the numbers that all parts of the state share. */
function basicDomains({ nodes, jobs, instances, incarnations, epochs, sequences, formerPrimaries }: DomainBounds) {
  const jobNames = names("job", jobs);
  /** Incarnations come one after another, so they are not interchangeable. */
  const lives = names("life", incarnations + 1, false);
  /** Epoch 0: none yet. */
  const epoch = integer(0, epochs);
  const sequence = integer(0, sequences);
  return {
    nodes: names("node", nodes),
    jobs: jobNames,
    instances: names("instance", instances),
    lives,
    JobSet: setOf(jobNames),
    epoch,
    order: new EpochOrder(epochs, formerPrimaries === 1),
    sequence,
    /** Also a little less than there can be, so that a mutant can show it. */
    count: integer(-2, jobs),
    Version: record("version", { epoch, sequence }),
  };
}

function storeDomains(basics: Basics, { epochs, sequences, heartbeats, feedEntries, replicas, ttl }: DomainBounds) {
  const { nodes, lives, JobSet, Version, epoch, order, sequence, count } = basics;
  /** The epoch of the last write (0: no write, or all data lost), and whether another server answers now. */
  const Meta = record("meta", {
    ...{ epoch, sequence, isForeign: bool, nextEpoch: integer(1, epochs + 1) },
    /** Ticks since the last sweep of the epoch, at most one more than may pass unnoticed; -1: there was none. */
    sweptAgo: integer(-1, ttl > 0 ? clock.gap + 1 : -1),
    /** Ticks in which nothing is due. */
    heldFor: integer(0, ttl),
    succession: order.Succession,
  });
  const StoredNode = record("stored_node", {
    status: oneOf("online", "offline", "expired"),
    incarnation: Version,
    version: Version,
    /** The incarnation that it registered with, by its token. */
    life: lives,
    heartbeatSeq: integer(-1, heartbeats),
    /** Ticks that it lasts, and the first of its leases. */
    expiresIn: integer(0, ttl),
    leaseIn: integer(0, ttl),
    count,
    jobs: JobSet,
    done: JobSet,
  });
  /** A change as followers see it. `jobs` is reserved, completed and lapsed alike: what counts is how many are left. */
  const Change = union("change", {
    registered: { n: nodes },
    gone: { n: nodes },
    removed: { n: nodes },
    jobs: { n: nodes, count },
  });
  const FeedEntry = record("feed_entry", { sequence: integer(1, sequences), change: Change });
  const storeOf = (
    meta: Domain<ValueOf<typeof Meta>>,
    entries: number,
    node: Domain<ValueOf<typeof StoredNode> | null>,
  ) => struct({ meta, feed: sequenceOf(FeedEntry, entries), node: mapOf(nodes, node) });
  const store = storeOf(Meta, feedEntries, optional(StoredNode));
  const unwritten = Meta.of({
    ...{ epoch: 0, sequence: 0, isForeign: false, nextEpoch: 1 },
    ...{ sweptAgo: -1, heldFor: 0, succession: order.none },
  });
  /** The store as it was when it was last copied, or a former primary. A scope without a replica gives it no room. */
  const replica =
    replicas === 1
      ? store
      : storeOf(only(unwritten, "nothing written yet"), 0, only<ValueOf<typeof StoredNode> | null>(null, "no node"));
  return { Meta, StoredNode, Change, FeedEntry, store, replica, unwritten };
}

function instanceDomains(
  { nodes, Version, order, sequence, count }: Basics,
  Change: ReturnType<typeof storeDomains>["Change"],
) {
  /** An instance's belief about a node; `sequence` is that of the record's own version, in the instance's epoch. */
  const Seen = record("seen", { isOnline: bool, incarnation: Version, sequence, count });
  const News = record("news", { version: Version, change: Change });
  const beliefs = mapOf(nodes, optional(Seen));
  const instance = struct({
    /** The version up to which it knows everything. */
    version: Version,
    /** The place of its epoch among those that follow one another, as the store has named it. */
    succession: order.Succession,
    /** The epochs that it never follows. */
    abandoned: order.EpochSet,
    seen: beliefs,
    /** A lookup found nothing: the node is not looked up again. */
    missed: mapOf(nodes, bool),
    /** A wake-up is in flight to it. */
    isWoken: bool,
    /** The answers in flight to it: one change, a whole page. */
    change: optional(News),
    page: struct({ version: optional(Version), succession: order.Succession, seen: beliefs }),
  });
  return { Seen, News, instance };
}

function callDomains(
  { nodes, jobs, instances, lives, Version }: Basics,
  Seen: ReturnType<typeof instanceDomains>["Seen"],
  { heartbeats }: DomainBounds,
) {
  const seq = integer(0, heartbeats);
  return {
    /** A call in flight to the store, or (Found) the answer to a lookup of one node, true at version `at`. */
    Message: union("message", {
      /** `expected`: the incarnation that it replaces. */
      Register: { n: nodes, life: lives, expected: optional(Version) },
      Heartbeat: { n: nodes, incarnation: Version, seq },
      Reserve: { n: nodes, j: jobs },
      Complete: { n: nodes, j: jobs },
      Found: { i: instances, n: nodes, at: Version, seen: optional(Seen) },
    }),
    /** The knowledge of a job's client: held is acknowledged, lost is held and named as lost since. */
    Job: union("job", {
      idle: {},
      asked: { n: nodes },
      held: { n: nodes },
      lost: { n: nodes },
      ending: { n: nodes },
      over: {},
    }),
    /** A node's knowledge of itself; `expected`: the incarnation that its registration replaces. */
    Agent: record("agent", { life: lives, expected: optional(Version), incarnation: optional(Version), seq }),
  };
}

export function schemaOf(domains: Domains, bounds: Pick<Bounds, "messages" | "formerPrimaries" | "ttl" | FaultBound>) {
  const { nodes, jobs, instances, order, Message, Agent, Job, JobSet, store, replica, instance } = domains;
  return struct({
    store,
    replica,
    /** The replica is none: it was the primary, and goes on with its data. */
    isReplicaFormer: bounds.formerPrimaries === 1 ? bool : only<boolean>(false, "no former primary"),
    instance: mapOf(instances, instance),
    agent: mapOf(nodes, Agent),
    /** With a clock: whether a node has sent no heartbeat yet, has to send one in this tick, has sent it, or sends none any more. */
    pulse: mapOf(nodes, bounds.ttl > 0 ? oneOf("new", "due", "sent", "silent") : only<Pulse>("new", "no clock")),
    /** With a clock: whether the instances have swept in this tick, and whether the store is away. */
    isSwept: bounds.ttl > 0 ? bool : only<boolean>(false, "no clock"),
    isAway: bounds.ttl > 0 ? bool : only<boolean>(false, "no clock"),
    job: mapOf(jobs, Job),
    net: inFlight(Message, bounds.messages, "disables"),
    faults: struct({
      any: integer(0, bounds.faults),
      answers: integer(0, bounds.lostAnswers),
      repeats: integer(0, bounds.repeats),
      goings: integer(0, bounds.lostServers),
    }),
    // Witnesses: only properties read them.
    /** The jobs that were completed on a node, as far as the data still reach back. */
    completed: mapOf(nodes, JobSet),
    /** Jobs that were dispatched. */
    dispatched: JobSet,
    /** By epoch: those that it continues. */
    ancestors: mapOf(order.epochs, order.EpochSet),
    /** By instance: the epochs that its view was in, and those that they continue. */
    known: mapOf(instances, order.EpochSet),
    /** A view went back: in its epoch, to an abandoned epoch, or to a former primary. */
    wentBack: bool,
    /** A heartbeat or a registration of a former incarnation, known to the store or not, or an older heartbeat, changed a node. */
    overwritten: bool,
    /** A sweep took a node, or its jobs, though it sends its heartbeats. */
    sweptAlive: bool,
    /** A page was loaded though the feed should have had every change. */
    reloaded: bool,
  });
}
