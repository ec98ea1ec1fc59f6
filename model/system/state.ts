/** The words of the `system` model: what a store holds, what an instance believes, what is on its way, each with its bounds. */
import { bool, type Domain, integer, names, oneOf, only, optional, type ValueOf } from "../language/domain.ts";
import { type Draft, inFlight, mapOf, sequenceOf, struct } from "../language/schema.ts";
import { setOf } from "../language/subset.ts";
import { record, union } from "../language/value.ts";

/** How much there is of what the words speak of. */
export interface Bounds {
  readonly N: number;
  readonly J: number;
  readonly C: number;
  readonly E: number;
  readonly S: number;
  readonly L: number;
  readonly H: number;
  readonly F: number;
  readonly R: number;
}

/** How much may go wrong in one run. */
export interface Faults {
  /** Of any kind. */
  readonly X: number;
  /** Besides: answers of the store lost, deliveries repeated, servers that go. */
  readonly A: number;
  readonly D: number;
  readonly G: number;
}

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

export function wordsOf({ N, J, C, E, S, L, H, F, R }: Bounds) {
  const nodes = names("node", N);
  const jobs = names("job", J);
  const instances = names("instance", C);
  /** Lives come one after another, so they are not interchangeable. */
  const lives = names("life", L + 1, false);
  const JobSet = setOf(jobs);
  const LifeSet = setOf(lives);

  /** Epoch 0: none yet. */
  const epoch = integer(0, E);
  const sequence = integer(0, S);
  /** Also a little less than there can be, so that a wrong design can show it. */
  const count = integer(-2, J);
  const Version = record("version", { epoch, sequence });

  /** Who wrote last (epoch 0: nobody, or all is lost), and whether another server answers now. */
  const Meta = record("meta", { epoch, sequence, isForeign: bool, nextEpoch: integer(1, E + 1) });
  const StoredNode = record("stored_node", {
    status: oneOf("online", "offline", "expired"),
    incarnation: Version,
    version: Version,
    /** The life whose token it registered with. */
    life: lives,
    former: LifeSet,
    heartbeatSeq: integer(-1, H),
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
  const FeedEntry = record("feed_entry", { sequence: integer(1, S), change: Change });
  const storeOf = (
    meta: Domain<ValueOf<typeof Meta>>,
    entries: number,
    node: Domain<ValueOf<typeof StoredNode> | null>,
  ) => struct({ meta, feed: sequenceOf(FeedEntry, entries), node: mapOf(nodes, node) });
  const store = storeOf(Meta, F, optional(StoredNode));
  const unwritten = Meta.of({ epoch: 0, sequence: 0, isForeign: false, nextEpoch: 1 });
  /** What the replica has: the store as it was. Where there is none, it takes no room. */
  const replica =
    R === 1
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
    Heartbeat: { n: nodes, incarnation: Version, seq: integer(0, H) },
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
  const Agent = record("agent", { life: lives, incarnation: optional(Version), seq: integer(0, H) });

  return {
    ...{ nodes, jobs, instances, lives, JobSet, LifeSet, Version, Meta, StoredNode, Change, FeedEntry, Seen, News },
    ...{ Message, Job, Agent, store, replica, unwritten, instance },
  };
}

/** The state. @param M most messages on their way */
export function schemaOf(words: Words, { M, X, A, D, G }: Faults & { readonly M: number }) {
  const { nodes, jobs, instances, Message, Agent, Job, JobSet, store, replica, instance } = words;
  return struct({
    store,
    replica,
    instance: mapOf(instances, instance),
    agent: mapOf(nodes, Agent),
    job: mapOf(jobs, Job),
    net: inFlight(Message, M, "disables"),
    faults: struct({ any: integer(0, X), answers: integer(0, A), repeats: integer(0, D), goings: integer(0, G) }),
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
