/**
 * A small job store, of which another model checker has counted the states: nodes in a store, schedulers with a cache each,
 * and between them a network that delays, loses, reorders and now and then repeats.
 *
 * It compares the explorer with that checker: counts and counterexamples agree exactly, or the explorer is wrong.
 */
import { bool, integer, names, optional, type ValueOf } from "../language/domain.ts";
import {
  type Action,
  actionsOf,
  type Model,
  type Property,
  propertiesOf,
  type Scope,
  type ScopeTable,
} from "../language/machine.ts";
import { type Draft, inFlight, mapOf, struct } from "../language/schema.ts";
import { setOf } from "../language/subset.ts";
import { record, union } from "../language/value.ts";

const scope = {
  nodes: { short: "N", means: "nodes", least: 1, most: 4, standard: 1 },
  incarnations: { short: "I", means: "highest incarnation", least: 1, most: 15, standard: 1 },
  versions: { short: "V", means: "highest version", least: 1, most: 31, standard: 3 },
  jobs: { short: "J", means: "jobs", least: 1, most: 8, standard: 2 },
  instances: { short: "C", means: "scheduler instances", least: 1, most: 4, standard: 1 },
  messages: { short: "M", means: "most messages in the network at once", least: 1, most: 8, standard: 3 },
  duplicates: { short: "D", means: "duplicate deliveries in one run", least: 0, most: 8, standard: 1 },
  capacity: { short: "K", means: "cap: most jobs on one node", least: 1, most: 8, standard: 1 },
} as const satisfies ScopeTable;

type Bounds = Scope<typeof scope>;

export const jobStore: Model<typeof scope> = {
  name: "job-store",
  scope,
  scopes: {
    small: { means: "1,273 states", bounds: { jobs: 2, instances: 1, messages: 3 }, isSymmetric: false },
    middle: {
      means: "133,365 states",
      bounds: { incarnations: 2, versions: 4, jobs: 1, instances: 2, messages: 4 },
      isSymmetric: false,
    },
    main: {
      means: "2,485,844 states: where speed is measured",
      bounds: { nodes: 2, jobs: 1, instances: 2 },
      isSymmetric: false,
    },
  },
  mutants: {
    stale: "a notice always replaces what the cache holds, whatever its version",
    cap: "a reserve ignores the cap",
  },

  build(bounds, mutant) {
    const domains = domainsOf(bounds);
    const schema = schemaOf(domains, bounds);
    const rules = new (rulesOf(mutant))(domains, bounds);
    return {
      schema,
      initial(state: State) {
        const { nodes, Node, JobSet } = domains;
        for (const n of nodes.all) state.node.set(n, Node.of({ alive: false, inc: 0, ver: 0, jobs: JobSet.empty }));
      },
      actions: [...nodeActions(schema, domains, rules), ...networkActions(schema, domains, rules)],
      properties: claimsOf(schema, domains, bounds),
    };
  },
};

/** The right rules, or a mutant's. */
function rulesOf(mutant: string | null): typeof Rules {
  switch (mutant) {
    case null:
      return Rules;
    case "stale":
      return class extends Rules {
        protected override replaces(): boolean {
          return true;
        }
      };
    case "cap":
      return class extends Rules {
        protected override hasRoom(): boolean {
          return true;
        }
      };
    default:
      throw new RangeError(`the job store has no mutant ${JSON.stringify(mutant)}`);
  }
}

type Domains = ReturnType<typeof domainsOf>;
type Node = ValueOf<Domains["Node"]>;
type Seen = ValueOf<Domains["Seen"]>;
type Message = ValueOf<Domains["Message"]>;
type JobStoreSchema = ReturnType<typeof schemaOf>;
type State = Draft<JobStoreSchema>;

function domainsOf(bounds: Bounds) {
  const nodes = names("node", bounds.nodes);
  const jobs = names("job", bounds.jobs);
  const instances = names("instance", bounds.instances);
  const inc = integer(0, bounds.incarnations);
  const ver = integer(0, bounds.versions);
  const count = integer(0, bounds.jobs);
  const JobSet = setOf(jobs);
  const Message = union("message", {
    Reserve: { i: instances, n: nodes, j: jobs },
    Complete: { i: instances, n: nodes, j: jobs },
    Notify: { i: instances, n: nodes, inc, ver, alive: bool, count },
  });
  return {
    ...{ nodes, jobs, instances, JobSet, Message },
    Node: record("node", { alive: bool, inc, ver, jobs: JobSet }),
    Seen: record("seen", { inc, ver, alive: bool, count }),
  };
}

function schemaOf({ nodes, instances, Node, Seen, Message }: Domains, bounds: Bounds) {
  return struct({
    /** The content of the store. */
    node: mapOf(nodes, Node),
    /** The belief of each instance about each node. */
    cache: mapOf(instances, mapOf(nodes, optional(Seen))),
    net: inFlight(Message, bounds.messages, "disables"),
    /** Duplicate deliveries so far. */
    duplicates: integer(0, bounds.duplicates),
    /** Whether a cache ever went back within an incarnation: a witness, which only a property reads. */
    regressed: bool,
  });
}

class Rules {
  readonly bounds: Bounds;
  readonly #domains: Domains;

  constructor(domains: Domains, bounds: Bounds) {
    this.#domains = domains;
    this.bounds = bounds;
  }

  /** The store changes a node, and notifies every instance. */
  put(state: State, n: number, node: Node): boolean {
    const { inc, ver, alive } = node;
    const { instances, Message } = this.#domains;
    state.node.set(n, node);
    for (const i of instances.all) {
      state.net.add(Message.make.Notify({ i, n, inc, ver, alive, count: node.jobs.size }));
    }
    return true;
  }

  send(state: State, message: Message): boolean {
    state.net.add(message);
    return true;
  }

  /** A message arrives. @returns false where the versions have run out */
  receive(state: State, message: Message): boolean {
    switch (message.kind) {
      case "Reserve":
        return this.#reserve(state, message.n, message.j);
      case "Complete":
        return this.#complete(state, message.n, message.j);
      case "Notify":
        return this.#notify(state, message);
    }
  }

  protected hasRoom({ jobs }: Node): boolean {
    return jobs.size < this.bounds.capacity;
  }

  /** Whether the cache takes in what a notice says. */
  protected replaces(notice: Pick<Seen, "inc" | "ver">, held: Seen | null): boolean {
    return held === null || isNewer(notice, held);
  }

  #reserve(state: State, n: number, j: number): boolean {
    const node = state.node.get(n);
    const { alive, inc, ver, jobs } = node;
    if (!alive || jobs.has(j) || !this.hasRoom(node)) return true;
    if (ver >= this.bounds.versions) return false;
    return this.put(state, n, this.#domains.Node.of({ alive, inc, ver: ver + 1, jobs: jobs.with(j) }));
  }

  #complete(state: State, n: number, j: number): boolean {
    const { alive, inc, ver, jobs } = state.node.get(n);
    if (!jobs.has(j)) return true;
    if (ver >= this.bounds.versions) return false;
    return this.put(state, n, this.#domains.Node.of({ alive, inc, ver: ver + 1, jobs: jobs.without(j) }));
  }

  #notify(state: State, notice: Extract<Message, { kind: "Notify" }>): boolean {
    const { i, n, inc, ver, alive, count } = notice;
    const cache = state.cache.get(i);
    const held = cache.get(n);
    if (!this.replaces(notice, held)) return true;
    if (held !== null && inc === held.inc && ver < held.ver) state.regressed = true;
    cache.set(n, this.#domains.Seen.of({ inc, ver, alive, count }));
    return true;
  }
}

/** Only the epoch-free rule: by incarnation, then by version. */
function isNewer(one: Pick<Seen, "inc" | "ver">, other: Pick<Seen, "inc" | "ver">): boolean {
  return one.inc > other.inc || (one.inc === other.inc && one.ver > other.ver);
}

function nodeActions(schema: JobStoreSchema, { nodes, Node, JobSet }: Domains, rules: Rules): readonly Action[] {
  const { incarnations, versions } = rules.bounds;
  const action = actionsOf(schema);
  return [
    action("Register", [nodes], {
      when: (state, n) => {
        const { alive, inc, ver } = state.node.get(n);
        return !alive && inc < incarnations && ver < versions;
      },
      next: (state, n) => {
        const { inc, ver } = state.node.get(n);
        return rules.put(state, n, Node.of({ alive: true, inc: inc + 1, ver: ver + 1, jobs: JobSet.empty }));
      },
    }),
    action("Expire", [nodes], {
      when: (state, n) => state.node.get(n).alive && state.node.get(n).ver < versions,
      next: (state, n) => {
        const { inc, ver, jobs } = state.node.get(n);
        return rules.put(state, n, Node.of({ alive: false, inc, ver: ver + 1, jobs }));
      },
    }),
  ];
}

function networkActions(schema: JobStoreSchema, domains: Domains, rules: Rules): readonly Action[] {
  const { nodes, jobs, instances, Message } = domains;
  const { messages, duplicates } = rules.bounds;
  const { Reserve, Complete } = Message.make;
  const { net } = schema.fields;
  const action = actionsOf(schema);
  return [
    action("SendReserve", [instances, nodes, jobs], {
      when: (state, i, n, j) =>
        state.net.size < messages && state.cache.get(i).get(n)?.alive === true && !state.net.has(Reserve({ i, n, j })),
      next: (state, i, n, j) => rules.send(state, Reserve({ i, n, j })),
    }),
    action("SendComplete", [instances, nodes, jobs], {
      when: (state, i, n, j) => state.net.size < messages && !state.net.has(Complete({ i, n, j })),
      next: (state, i, n, j) => rules.send(state, Complete({ i, n, j })),
    }),
    action("Deliver", [net], {
      next: (state, message) => {
        state.net.delete(message);
        return rules.receive(state, message);
      },
    }),
    action("Duplicate", [net], {
      when: (state) => state.duplicates < duplicates,
      next: (state, message) => {
        state.duplicates += 1;
        return rules.receive(state, message);
      },
    }),
    action("Drop", [net], {
      next: (state, message) => {
        state.net.delete(message);
        return true;
      },
    }),
  ];
}

function claimsOf(schema: JobStoreSchema, domains: Domains, { capacity }: Bounds): readonly Property[] {
  const { nodes, instances } = domains;
  const { always } = propertiesOf(schema);
  // Loops, since claims are evaluated in every state: with closures for the names the search takes some percent longer.
  const everyCache = (state: State, holds: (held: Seen, node: Node) => boolean): boolean => {
    for (const i of instances.all) {
      for (const n of nodes.all) {
        const held = state.cache.get(i).get(n);
        if (held !== null && !holds(held, state.node.get(n))) return false;
      }
    }
    return true;
  };
  const hasRoomKept = (state: State): boolean => {
    for (const n of nodes.all) if (state.node.get(n).jobs.size > capacity) return false;
    return true;
  };
  const isNotNewer = (held: Seen, node: Node): boolean => !isNewer(held, node);
  const never = (): boolean => false;
  const hasCached = (state: State): boolean => !everyCache(state, never);
  /** A message in flight is a reserve that meets a node with no room. */
  const meetsFullNode = ({ net, node }: State): boolean => {
    for (let index = 0; index < net.size; index += 1) {
      const { kind, n } = net.at(index);
      const { alive, jobs } = node.get(n);
      if (kind === "Reserve" && alive && jobs.size >= capacity) return true;
    }
    return false;
  };
  return [
    always("J2", "0 <= |jobs| <= K on every node", hasRoomKept, meetsFullNode),
    always("V2", "no cache is newer than the store", (state) => everyCache(state, isNotNewer), hasCached),
    always("V2", "a cache never goes back within an incarnation", (state) => !state.regressed, hasCached),
  ];
}
