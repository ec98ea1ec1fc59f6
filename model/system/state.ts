/** The words of the `system` model: what a store holds, what an instance believes, what is on its way, each with its bounds. */
import { bool, type Domain, integer, names, oneOf, only, optional, type ValueOf } from "../language/domain.ts";
import { type Draft, inFlight, mapOf, sequenceOf, struct } from "../language/schema.ts";
import { setOf } from "../language/subset.ts";
import { record, union } from "../language/value.ts";
import type { Bounds } from "./scope.ts";

export type Words = ReturnType<typeof wordsOf>;
export type Store = Draft<Words["store"]>;
export type Instance = Draft<Words["instance"]>;
export type Seen = ValueOf<Words["Seen"]>;
export type Change = ValueOf<Words["Change"]>;
export type StoredNode = ValueOf<Words["StoredNode"]>;
export type Meta = ValueOf<Words["Meta"]>;
export type FeedEntry = ValueOf<Words["FeedEntry"]>;
export type Version = ValueOf<Words["Version"]>;
export type Message = ValueOf<Words["Message"]>;
export type SystemSchema = ReturnType<typeof schemaOf>;
export type State = Draft<SystemSchema>;

type BoundsOfWords = Omit<Bounds, "capacity" | "messages" | FaultBound | "liveness" | "normalForm">;
type FaultBound = "faults" | "lostAnswers" | "repeats" | "lostServers";

export function wordsOf(bounds: BoundsOfWords) {
  const { epochs, heartbeats, feedEntries } = bounds;
  const nodes = names("node", bounds.nodes);
  const jobs = names("job", bounds.jobs);
  const instances = names("instance", bounds.instances);
  /** Lives come one after another, so they are not interchangeable. */
  const lives = names("life", bounds.incarnations + 1, false);
  const JobSet = setOf(jobs);
  const LifeSet = setOf(lives);

  /** Epoch 0: none yet. */
  const epoch = integer(0, epochs);
  const sequence = integer(0, bounds.sequences);
  /** Also a little less than there can be, so that a wrong design can show it. */
  const count = integer(-2, bounds.jobs);
  const Version = record("version", { epoch, sequence });

  /** Who wrote last (epoch 0: nobody, or all is lost), and whether another server answers now. */
  const Meta = record("meta", { epoch, sequence, isForeign: bool, nextEpoch: integer(1, epochs + 1) });
  const StoredNode = record("stored_node", {
    status: oneOf("online", "offline", "expired"),
    incarnation: Version,
    version: Version,
    /** The life whose token it registered with. */
    life: lives,
    former: LifeSet,
    heartbeatSeq: integer(-1, heartbeats),
    count,
    jobs: JobSet,
    done: JobSet,
  });
  /** What a change tells a follower. `jobs` is reserved, completed and lapsed alike: what counts is how many are left. */
  const Change = union("change", {
    registered: { n: nodes },
    gone: { n: nodes },
    removed: { n: nodes },
    jobs: { n: nodes, count },
  });
  const FeedEntry = record("feed_entry", { sequence: integer(1, bounds.sequences), change: Change });
  const storeOf = (
    meta: Domain<ValueOf<typeof Meta>>,
    entries: number,
    node: Domain<ValueOf<typeof StoredNode> | null>,
  ) => struct({ meta, feed: sequenceOf(FeedEntry, entries), node: mapOf(nodes, node) });
  const store = storeOf(Meta, feedEntries, optional(StoredNode));
  const unwritten = Meta.of({ epoch: 0, sequence: 0, isForeign: false, nextEpoch: 1 });
  /** What the replica has: the store as it was. Where there is none, it takes no room. */
  const replica =
    bounds.replicas === 1
      ? store
      : storeOf(only(unwritten, "nothing written yet"), 0, only<ValueOf<typeof StoredNode> | null>(null, "no node"));

  /** What an instance believes of a node; `sequence` is that of the record's own version, in the instance's epoch. */
  const Seen = record("seen", { isOnline: bool, incarnation: Version, sequence, count });
  const News = record("news", { version: Version, change: Change });
  const beliefs = mapOf(nodes, optional(Seen));
  const instance = struct({
    /** The version up to which it knows everything. */
    version: Version,
    seen: beliefs,
    /** A lookup found nothing: not to be asked about again. */
    missed: mapOf(nodes, bool),
    /** A wake-up is on its way to it. */
    isWoken: bool,
    /** The answers on their way to it: one change, a whole page. */
    change: optional(News),
    page: struct({ version: optional(Version), seen: beliefs }),
  });

  /** What is on its way to the store, or (Found) is the answer to a lookup of one node, true at version `at`. */
  const Message = union("message", {
    Register: { n: nodes, life: lives },
    Heartbeat: { n: nodes, incarnation: Version, seq: integer(0, heartbeats) },
    Reserve: { n: nodes, j: jobs },
    Complete: { n: nodes, j: jobs },
    Found: { i: instances, n: nodes, at: Version, seen: optional(Seen) },
  });

  /** What the client of a job knows: held is acknowledged, lost is held and named as lost since. */
  const Job = union("job", {
    idle: {},
    asked: { n: nodes },
    held: { n: nodes },
    lost: { n: nodes },
    ending: { n: nodes },
    over: {},
  });
  /** What a node knows of itself. */
  const Agent = record("agent", { life: lives, incarnation: optional(Version), seq: integer(0, heartbeats) });

  return {
    ...{ nodes, jobs, instances, lives, JobSet, LifeSet, Version, Meta, StoredNode, Change, FeedEntry, Seen, News },
    ...{ Message, Job, Agent, store, replica, unwritten, instance },
  };
}

export function schemaOf(words: Words, bounds: Pick<Bounds, "messages" | FaultBound>) {
  const { nodes, jobs, instances, Message, Agent, Job, JobSet, store, replica, instance } = words;
  return struct({
    store,
    replica,
    instance: mapOf(instances, instance),
    agent: mapOf(nodes, Agent),
    job: mapOf(jobs, Job),
    net: inFlight(Message, bounds.messages, "disables"),
    faults: struct({
      any: integer(0, bounds.faults),
      answers: integer(0, bounds.lostAnswers),
      repeats: integer(0, bounds.repeats),
      goings: integer(0, bounds.lostServers),
    }),
    // Witnesses: nothing reads them but a property.
    /** What was completed on a node, as far as the data still reach back. */
    completed: mapOf(nodes, JobSet),
    /** Jobs that were dispatched. */
    dispatched: JobSet,
    /** A view went back: in its epoch, or to an epoch that it had left. */
    wentBack: bool,
    /** A heartbeat or a registration of a former life, or an older heartbeat, changed a node. */
    overwritten: bool,
    /** A page was loaded though the feed should have had every change. */
    reloaded: bool,
  });
}
