/** How much there is of everything in the `system` model, and the choices of it that have names. */
import type { NamedScope, Scope, ScopeTable } from "../language/machine.ts";

export const scope = {
  nodes: { short: "N", means: "nodes", least: 1, most: 2, standard: 1 },
  jobs: { short: "J", means: "jobs", least: 1, most: 2, standard: 2 },
  instances: { short: "C", means: "scheduler instances", least: 1, most: 2, standard: 1 },
  capacity: { short: "K", means: "room of a node, in jobs", least: 1, most: 2, standard: 1 },
  epochs: { short: "E", means: "epochs", least: 1, most: 4, standard: 2 },
  sequences: { short: "S", means: "highest sequence in an epoch", least: 1, most: 8, standard: 3 },
  laterSequences: {
    short: "V",
    means: "highest sequence in an epoch after the first; 0: as S",
    least: 0,
    most: 8,
    standard: 0,
  },
  incarnations: { short: "L", means: "incarnations of a node", least: 1, most: 3, standard: 2 },
  heartbeats: { short: "H", means: "heartbeats of an incarnation", least: 0, most: 2, standard: 1 },
  feedEntries: { short: "F", means: "entries that the feed keeps", least: 1, most: 8, standard: 1 },
  messages: { short: "M", means: "most messages in flight at once", least: 1, most: 4, standard: 2 },
  faults: {
    short: "X",
    means: "faults in one run: a request or an answer lost, a delivery repeated, a crash, a failover",
    least: 0,
    most: 4,
    standard: 1,
  },
  lostAnswers: { short: "A", means: "answers of the store lost, besides those faults", least: 0, most: 2, standard: 0 },
  repeats: { short: "D", means: "deliveries repeated, besides", least: 0, most: 2, standard: 0 },
  lostServers: { short: "G", means: "restarts and changes of the server, besides", least: 0, most: 3, standard: 0 },
  replicas: { short: "R", means: "whether there is a lagging replica to fail over to", least: 0, most: 1, standard: 0 },
  formerPrimaries: {
    short: "P",
    means: "whether a primary goes on after a failover, and clients are led back to it",
    least: 0,
    most: 1,
    standard: 0,
  },
  groups: {
    short: "B",
    means: "whether two calls in flight may arrive as one group",
    least: 0,
    most: 1,
    standard: 0,
  },
  ttl: {
    short: "Y",
    means: "ticks that a node and a lease last; 0: there is no clock, and either may end at any moment",
    least: 0,
    most: 3,
    standard: 0,
  },
  liveness: { short: "T", means: "whether liveness is judged as well", least: 0, most: 1, standard: 1 },
  normalForm: { short: "Z", means: "whether unread information is dropped", least: 0, most: 1, standard: 0 },
} as const satisfies ScopeTable;

export type Bounds = Scope<typeof scope>;

/** Two of everything: an answer is lost, a delivery repeated and a server restarted without its data, all in one run. */
const twoOfEverything = {
  ...{ nodes: 2, jobs: 2, instances: 2, capacity: 1, epochs: 2, sequences: 3, laterSequences: 2 },
  ...{ incarnations: 1, heartbeats: 0, feedEntries: 2 },
  ...{ faults: 0, lostAnswers: 1, repeats: 1, lostServers: 1, replicas: 0 },
  ...{ formerPrimaries: 0, ttl: 0, liveness: 0, normalForm: 1 },
};

type ScopeName = "quick" | "groups" | "replica" | "former" | "outage" | "standard" | "full";

export const scopes: Readonly<Record<ScopeName, NamedScope<typeof scope>>> = {
  quick: {
    means: "one node of two incarnations, two jobs, one instance; liveness as well",
    bounds: {},
    isSymmetric: false,
  },
  groups: {
    means: "one node and two jobs, whose calls arrive as one group: it is lost, repeated, or not answered, as a whole",
    bounds: {
      ...{ incarnations: 1, feedEntries: 2, sequences: 5, laterSequences: 2, groups: 1 },
      ...{ faults: 0, lostAnswers: 1, repeats: 1, lostServers: 1, liveness: 0, normalForm: 1 },
    },
    isSymmetric: false,
  },
  replica: {
    means: "one of everything, and a replica that lags: the server that answers is not the one that was written to",
    bounds: { jobs: 1, incarnations: 1, heartbeats: 0, feedEntries: 2, replicas: 1 },
    isSymmetric: false,
  },
  former: {
    means: "one of everything, and a primary that goes on after its replica was promoted: clients are led back to it",
    bounds: {
      ...{ jobs: 1, incarnations: 1, heartbeats: 0, epochs: 4, sequences: 3, laterSequences: 1, messages: 1 },
      ...{ faults: 0, lostAnswers: 1, lostServers: 3, replicas: 1, formerPrimaries: 1, liveness: 0, normalForm: 1 },
    },
    isSymmetric: false,
  },
  outage: {
    means: "one of everything, with a clock: the store is away, or another server takes over",
    bounds: {
      ...{ jobs: 1, incarnations: 1, heartbeats: 0, sequences: 3, laterSequences: 1, messages: 1 },
      ...{ faults: 0, lostAnswers: 1, lostServers: 1, replicas: 1, ttl: 3, liveness: 0, normalForm: 1 },
    },
    isSymmetric: false,
  },
  standard: {
    means: "two of everything, three kinds of fault in one run, one message in flight at a time",
    bounds: { ...twoOfEverything, messages: 1 },
    isSymmetric: true,
  },
  full: {
    means: "two of everything, three kinds of fault in one run, two messages in flight at a time",
    bounds: { ...twoOfEverything, messages: 2 },
    isSymmetric: true,
  },
};
