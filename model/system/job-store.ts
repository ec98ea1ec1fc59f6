/**
 * A small job store, of which a model checker elsewhere has counted the states: nodes in a store, schedulers with a cache each,
 * and between them a network that delays, loses, reorders and now and then repeats.
 *
 * It is here to hold the explorer against another one: counts and counterexamples agree exactly, or the explorer is wrong.
 */
import { bool, integer, names, optional, type ValueOf } from "../language/domain.ts";
import { actionsOf, type Model, propertiesOf, type ScopeTable } from "../language/machine.ts";
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
    const { incarnations, versions, messages, capacity } = bounds;
    const nodes = names("node", bounds.nodes);
    const jobs = names("job", bounds.jobs);
    const instances = names("instance", bounds.instances);
    const inc = integer(0, incarnations);
    const ver = integer(0, versions);
    const count = integer(0, bounds.jobs);

    const JobSet = setOf(jobs);
    const none = JobSet.empty;
    const Node = record("node", { alive: bool, inc, ver, jobs: JobSet });
    const Seen = record("seen", { inc, ver, alive: bool, count });
    const Message = union("message", {
      Reserve: { i: instances, n: nodes, j: jobs },
      Complete: { i: instances, n: nodes, j: jobs },
      Notify: { i: instances, n: nodes, inc, ver, alive: bool, count },
    });
    const { Reserve, Complete, Notify } = Message.make;

    const net = inFlight(Message, messages, "disables");
    const schema = struct({
      /** What the store holds. */
      node: mapOf(nodes, Node),
      /** What each instance believes of each node. */
      cache: mapOf(instances, mapOf(nodes, optional(Seen))),
      net,
      /** Duplicate deliveries so far. */
      duplicates: integer(0, bounds.duplicates),
      /** Whether a cache ever went back within an incarnation: a witness for a property, nothing reads it. */
      regressed: bool,
    });
    type State = Draft<typeof schema>;
    type Node = ValueOf<typeof Node>;
    type Seen = ValueOf<typeof Seen>;
    type Message = ValueOf<typeof Message>;

    /** The store changes a node, and tells every instance. */
    function put(state: State, n: number, node: Node): boolean {
      const { inc, ver, alive } = node;
      state.node.set(n, node);
      for (const i of instances.all) state.net.add(Notify({ i, n, inc, ver, alive, count: node.jobs.size }));
      return true;
    }

    /** A message does its work. @returns false where the versions have run out */
    function effect(state: State, message: Message): boolean {
      const { n } = message;
      const { alive, inc, ver, jobs } = state.node.get(n);
      switch (message.kind) {
        case "Reserve": {
          const { j } = message;
          const isFull = jobs.size >= capacity && mutant !== "cap";
          if (!alive || jobs.has(j) || isFull) return true;
          return ver < versions && put(state, n, Node.of({ alive: true, inc, ver: ver + 1, jobs: jobs.with(j) }));
        }
        case "Complete": {
          const { j } = message;
          if (!jobs.has(j)) return true;
          return ver < versions && put(state, n, Node.of({ alive, inc, ver: ver + 1, jobs: jobs.without(j) }));
        }
        case "Notify": {
          const cache = state.cache.get(message.i);
          const held = cache.get(n);
          if (held !== null && !isNewer(message, held) && mutant !== "stale") return true;
          if (held !== null && message.inc === held.inc && message.ver < held.ver) state.regressed = true;
          cache.set(n, Seen.of({ inc: message.inc, ver: message.ver, alive: message.alive, count: message.count }));
          return true;
        }
      }
    }

    /** Only the epoch-free rule: by incarnation, then by version. */
    function isNewer(one: { inc: number; ver: number }, other: { inc: number; ver: number }): boolean {
      return one.inc > other.inc || (one.inc === other.inc && one.ver > other.ver);
    }

    function send(state: State, message: Message): boolean {
      state.net.add(message);
      return true;
    }

    /** Whether a message in flight is a reserve that meets a node with no room. */
    function meetsFullNode(state: State): boolean {
      for (let index = 0; index < state.net.size; index += 1) {
        const { kind, n } = state.net.at(index);
        const { alive, jobs } = state.node.get(n);
        if (kind === "Reserve" && alive && jobs.size >= capacity) return true;
      }
      return false;
    }

    function everyCache(state: State, holds: (held: Seen, node: Node) => boolean): boolean {
      for (const i of instances.all) {
        for (const n of nodes.all) {
          const held = state.cache.get(i).get(n);
          if (held !== null && !holds(held, state.node.get(n))) return false;
        }
      }
      return true;
    }
    function hasRoomKept(state: State): boolean {
      for (const n of nodes.all) if (state.node.get(n).jobs.size > capacity) return false;
      return true;
    }
    const isNotNewer = (held: Seen, node: Node): boolean => !isNewer(held, node);
    const never = (): boolean => false;
    const hasCached = (state: State): boolean => !everyCache(state, never);

    const action = actionsOf(schema);
    const { always } = propertiesOf(schema);

    return {
      schema,

      initial(state: State) {
        for (const n of nodes.all) state.node.set(n, Node.of({ alive: false, inc: 0, ver: 0, jobs: none }));
      },

      actions: [
        action("Register", [nodes], {
          when: (state, n) => {
            const { alive, inc, ver } = state.node.get(n);
            return !alive && inc < incarnations && ver < versions;
          },
          next: (state, n) => {
            const { inc, ver } = state.node.get(n);
            return put(state, n, Node.of({ alive: true, inc: inc + 1, ver: ver + 1, jobs: none }));
          },
        }),
        action("Expire", [nodes], {
          when: (state, n) => state.node.get(n).alive && state.node.get(n).ver < versions,
          next: (state, n) => {
            const { inc, ver, jobs } = state.node.get(n);
            return put(state, n, Node.of({ alive: false, inc, ver: ver + 1, jobs }));
          },
        }),
        action("SendReserve", [instances, nodes, jobs], {
          when: (state, i, n, j) =>
            state.net.size < messages &&
            state.cache.get(i).get(n)?.alive === true &&
            !state.net.has(Reserve({ i, n, j })),
          next: (state, i, n, j) => send(state, Reserve({ i, n, j })),
        }),
        action("SendComplete", [instances, nodes, jobs], {
          when: (state, i, n, j) => state.net.size < messages && !state.net.has(Complete({ i, n, j })),
          next: (state, i, n, j) => send(state, Complete({ i, n, j })),
        }),
        action("Deliver", [net], {
          next: (state, message) => {
            state.net.delete(message);
            return effect(state, message);
          },
        }),
        action("Duplicate", [net], {
          when: (state) => state.duplicates < bounds.duplicates,
          next: (state, message) => {
            state.duplicates += 1;
            return effect(state, message);
          },
        }),
        action("Drop", [net], {
          next: (state, message) => {
            state.net.delete(message);
            return true;
          },
        }),
      ],
      properties: [
        always("J2", "0 <= |jobs| <= K on every node", hasRoomKept, meetsFullNode),
        always("V2", "no cache is newer than the store", (state) => everyCache(state, isNotNewer), hasCached),
        always("V2", "a cache never goes back within an incarnation", (state) => !state.regressed, hasCached),
      ],
    };
  },
};
