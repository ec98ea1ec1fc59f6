/** Mutants of the `system` model: each with the smallest scope in which it shows, and the property that refutes it. */
import type { PropertyId } from "../../src/check/properties.ts";

export interface ModelMutant {
  /** The model's name of it. */
  readonly id: string;
  /** The failure that follows. */
  readonly why: string;
  /** Every bound of the model `system` is given. */
  readonly scope: Readonly<Record<string, number>>;
  readonly property: PropertyId;
  /** The length of the shortest counterexample; of a lasso, up to where it rests for ever. */
  readonly steps: number;
  readonly kind: "state" | "lasso";
}

/** One of everything, and one fault. */
const tiny = {
  ...{
    nodes: 1,
    jobs: 1,
    instances: 1,
    capacity: 1,
    epochs: 2,
    sequences: 3,
    laterSequences: 0,
    incarnations: 1,
    heartbeats: 0,
    feedEntries: 2,
    messages: 2,
    faults: 1,
  },
  ...{
    lostAnswers: 0,
    repeats: 0,
    lostServers: 0,
    replicas: 0,
    formerPrimaries: 0,
    groups: 0,
    ttl: 0,
    liveness: 1,
    normalForm: 0,
  },
};

/** A primary that goes on after its replica was promoted, and three restarts or changes of the server. */
const former = {
  ...{ ...tiny, epochs: 3, sequences: 1, feedEntries: 1, messages: 1, faults: 0, lostServers: 3 },
  ...{ replicas: 1, formerPrimaries: 1, liveness: 0 },
};

/** A clock, and one outage or change of the server. */
const outage = {
  ...{ ...tiny, sequences: 2, feedEntries: 1, messages: 1, faults: 0, lostServers: 1 },
  ...{ ttl: 3, liveness: 0 },
};

/** Two jobs, whose calls may arrive as one. */
const grouped = { ...tiny, jobs: 2, faults: 0, groups: 1, liveness: 0 };

export const modelMutants: readonly ModelMutant[] = [
  {
    id: "group-answered-as-one",
    why: "the second job of a group is acknowledged though the first has the only place",
    scope: grouped,
    property: "D4",
    steps: 7,
    kind: "state",
  },
  {
    id: "group-published-as-one",
    why: "a view that follows the feed never hears of the second change of a group",
    scope: { ...grouped, capacity: 2 },
    property: "V1",
    steps: 7,
    kind: "state",
  },
  {
    id: "epochs-ignored",
    why: "after a loss of data the sequences are issued a second time with other content; a view that knows the first takes itself for up to date",
    scope: tiny,
    property: "V2",
    steps: 9,
    kind: "state",
  },
  {
    id: "epoch-reused",
    why: "a view of before the restart is in the epoch of after it, and ahead of the store",
    scope: tiny,
    property: "V1",
    steps: 6,
    kind: "state",
  },
  {
    id: "epoch-kept",
    why: "a replica that lags is promoted: views that had heard of what was lost are ahead of the store in its epoch",
    scope: { ...tiny, replicas: 1 },
    property: "V1",
    steps: 8,
    kind: "state",
  },
  {
    id: "left-epoch-forgotten",
    why: "led back to the side of a split that it has left, an instance shows what it had shown before",
    scope: former,
    property: "D4",
    steps: 10,
    kind: "state",
  },
  {
    id: "past-ignored",
    why: "after a loss of data no generation tells that a former primary is older than what the view was of before",
    scope: former,
    property: "D4",
    steps: 12,
    kind: "state",
  },
  {
    id: "generation-ignored",
    why: "a former primary that restarts has an epoch that no instance knows: instances follow it back",
    scope: { ...former, epochs: 4 },
    property: "D4",
    steps: 11,
    kind: "state",
  },
  {
    id: "equal-generation-refused",
    why: "of two sides of a split one remains: an instance that followed the other one never sees the store again",
    scope: { ...former, lostServers: 2, liveness: 1 },
    property: "V3",
    steps: 9,
    kind: "lasso",
  },
  {
    id: "generation-kept",
    why: "every epoch seems to be a side of one split, a former primary's as well",
    scope: { ...former, epochs: 4 },
    property: "D4",
    steps: 11,
    kind: "state",
  },
  {
    id: "past-not-kept",
    why: "an instance that starts after a failover does not know the former primary's epoch, and follows it",
    scope: { ...former, lostServers: 2 },
    property: "D4",
    steps: 9,
    kind: "state",
  },
  {
    id: "versions-by-node",
    why: "the changes of a second incarnation have lower numbers than those of the first, so they are taken for old",
    scope: { ...tiny, incarnations: 2 },
    property: "V2",
    steps: 8,
    kind: "state",
  },
  {
    id: "gone-without-version",
    why: "a view at the store's version still shows a node that has gone",
    scope: tiny,
    property: "N2",
    steps: 5,
    kind: "state",
  },
  {
    id: "change-not-in-feed",
    why: "an instance that is woken finds nothing in the feed, and loads everything",
    scope: tiny,
    property: "V1",
    steps: 2,
    kind: "state",
  },
  {
    id: "published-first",
    why: "an instance that is woken asks before the write is there, finds nothing, and never asks for that version again",
    scope: tiny,
    property: "V1",
    steps: 4,
    kind: "state",
  },
  {
    id: "page-for-every-gap",
    why: "every lost wake-up costs a load of the whole partition, by every instance at once",
    scope: tiny,
    property: "P1",
    steps: 5,
    kind: "state",
  },
  {
    id: "cache-replaced",
    why: "an answer that was overtaken by the feed brings an older record back",
    scope: tiny,
    property: "V2",
    steps: 9,
    kind: "state",
  },
  {
    id: "page-adds",
    why: "a node that was lost with the data stays in the view for ever",
    scope: tiny,
    property: "V2",
    steps: 7,
    kind: "state",
  },
  {
    id: "miss-mark-kept",
    why: "a node that was looked up too early is never used",
    scope: tiny,
    property: "N3",
    steps: 8,
    kind: "lasso",
  },
  {
    id: "wake-ups-trusted",
    why: "one lost wake-up, and the view is wrong until the next change",
    scope: tiny,
    property: "V4",
    steps: 5,
    kind: "lasso",
  },
  {
    id: "incarnation-unchecked",
    why: "a heartbeat that was in flight when its node died keeps the next incarnation alive, and hides its own",
    scope: { ...tiny, sequences: 2, incarnations: 2, heartbeats: 1, faults: 0 },
    property: "N1",
    steps: 8,
    kind: "state",
  },
  {
    id: "expectation-unchecked",
    why: "a registration that a later one has overtaken begins an incarnation without a process, and ends the other one's jobs",
    scope: { ...tiny, incarnations: 2, faults: 0 },
    property: "N1",
    steps: 4,
    kind: "state",
  },
  {
    id: "finished-forgotten",
    why: "a reserve that is delivered once more brings a completed job back, and no client will complete it",
    scope: { ...tiny, sequences: 4 },
    property: "J3",
    steps: 9,
    kind: "state",
  },
  {
    id: "counted-down",
    why: "a lease lapses while the completion is in flight, and the job is subtracted twice",
    scope: tiny,
    property: "J1",
    steps: 9,
    kind: "state",
  },
  {
    id: "capacity-in-cache",
    why: "two jobs are sent to the last place that a view shows",
    scope: { ...tiny, jobs: 2, faults: 0 },
    property: "J2",
    steps: 8,
    kind: "state",
  },
  {
    id: "retry-renamed",
    why: "the first try had arrived, or had not: in either case a place is held in a name that no client knows",
    scope: { ...tiny, jobs: 2, sequences: 2 },
    property: "J3",
    steps: 8,
    kind: "state",
  },
  {
    id: "orphans-kept",
    why: "a node that is gone goes on holding reservations",
    scope: tiny,
    property: "J4",
    steps: 7,
    kind: "state",
  },
  {
    id: "acknowledged-when-sent",
    why: "a job is taken for placed while its reserve is still in flight, or lost",
    scope: tiny,
    property: "D4",
    steps: 5,
    kind: "state",
  },
  {
    id: "gap-unnoticed",
    why: "the store comes back after longer than a node lasts, and a sweep is faster than its next heartbeat",
    scope: outage,
    property: "N4",
    steps: 10,
    kind: "state",
  },
  {
    id: "first-sweep-trusted",
    why: "a replica is promoted with deadlines from before the last heartbeats, and a sweep is faster than the next ones",
    scope: { ...outage, replicas: 1 },
    property: "N4",
    steps: 9,
    kind: "state",
  },
  {
    id: "hold-forgotten",
    why: "the second sweep after an outage comes before the first heartbeat",
    scope: outage,
    property: "N4",
    steps: 10,
    kind: "state",
  },
  {
    id: "hold-renewed",
    why: "every sweep after an outage takes the time since the last one for a gap: nothing expires any more",
    scope: { ...outage, liveness: 1 },
    property: "N4",
    steps: 10,
    kind: "lasso",
  },
  {
    id: "leases-for-ever",
    why: "a client that is gone holds its place for ever",
    scope: tiny,
    property: "J4",
    steps: 8,
    kind: "lasso",
  },
];
