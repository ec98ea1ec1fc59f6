/**
 * The same job store once more, written from its rules without the schema, the explorer or any cleverness: states are JSON texts in a Map.
 * Thirty times slower, and nothing in it is shared with what it checks.
 */

export interface PlainScope {
  readonly N: number;
  readonly I: number;
  readonly V: number;
  readonly J: number;
  readonly C: number;
  readonly M: number;
  readonly D: number;
  readonly K: number;
}

type Cached = readonly [inc: number, ver: number, alive: boolean, count: number] | null;
type Message =
  | readonly ["Reserve" | "Complete", i: number, n: number, j: number]
  | readonly ["Notify", i: number, n: number, inc: number, ver: number, alive: boolean, count: number];
interface PlainNode {
  alive: boolean;
  inc: number;
  ver: number;
  jobs: number[];
}
interface PlainState {
  nodes: PlainNode[];
  caches: Cached[][];
  /** Messages as JSON texts, sorted: a set. */
  net: string[];
  duplicates: number;
}
type Mutant = "stale" | "cap" | null;

export interface PlainCounts {
  readonly unique: number;
  readonly generated: number;
  readonly depth: number;
  /** All states, as texts. */
  readonly states: ReadonlySet<string>;
  /** Steps to the nearest state or step that breaks an invariant; null: none. */
  readonly steps: number | null;
}

/** Breadth-first, to the end or to the end of the level in which an invariant is first broken. */
export function countPlainly(scope: PlainScope, mutant: Mutant = null): PlainCounts {
  const start = JSON.stringify(firstState(scope));
  const seen = new Set([start]);
  let level = [start];
  let generated = 1;
  let depth = 0;
  let steps: number | null = null;
  while (level.length > 0 && steps === null) {
    depth += 1;
    const next: string[] = [];
    for (const text of level) {
      for (const { state, wentBack } of successors(text, scope, mutant)) {
        generated += 1;
        if (wentBack || state.nodes.some(({ jobs }) => jobs.length > scope.K)) steps = depth;
        const key = JSON.stringify(state);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push(key);
      }
    }
    level = next;
  }
  return { unique: seen.size, generated, depth, steps, states: seen };
}

function firstState({ N, C }: PlainScope): PlainState {
  return {
    nodes: Array.from({ length: N }, () => ({ alive: false, inc: 0, ver: 0, jobs: [] })),
    caches: Array.from({ length: C }, () => Array.from({ length: N }, () => null)),
    net: [],
    duplicates: 0,
  };
}

interface Next {
  readonly state: PlainState;
  readonly wentBack: boolean;
}

/** @returns the next states of all enabled actions */
function successors(text: string, scope: PlainScope, mutant: Mutant): readonly Next[] {
  const { N, I, V, J, C, M, D } = scope;
  const now = JSON.parse(text) as PlainState;
  const found: Next[] = [];
  /** `change` answers null where the action is disabled, else whether a cache went back. */
  const attempt = (change: (state: PlainState) => boolean | null): void => {
    const state = JSON.parse(text) as PlainState;
    const wentBack = change(state);
    if (wentBack !== null) found.push({ state, wentBack });
  };
  const put = (state: PlainState, n: number, node: PlainNode): boolean | null => {
    state.nodes[n] = node;
    for (let i = 0; i < C; i += 1) {
      add(state, ["Notify", i, n, node.inc, node.ver, node.alive, node.jobs.length]);
    }
    return state.net.length > M ? null : false;
  };
  for (let n = 0; n < N; n += 1) {
    const { alive, inc, ver, jobs } = nodeAt(now, n);
    if (ver >= V) continue;
    if (alive) attempt((state) => put(state, n, { alive: false, inc, ver: ver + 1, jobs }));
    else if (inc < I) attempt((state) => put(state, n, { alive: true, inc: inc + 1, ver: ver + 1, jobs: [] }));
  }
  for (let i = 0; i < C; i += 1) {
    for (let n = 0; n < N; n += 1) {
      for (let j = 0; j < J; j += 1) {
        for (const kind of ["Reserve", "Complete"] as const) {
          const message: Message = [kind, i, n, j];
          const isAllowed = kind === "Complete" || now.caches[i]?.[n]?.[2] === true;
          if (!isAllowed || now.net.length >= M || now.net.includes(JSON.stringify(message))) continue;
          attempt((state) => {
            add(state, message);
            return false;
          });
        }
      }
    }
  }
  for (const sent of now.net) {
    const message = JSON.parse(sent) as Message;
    attempt((state) => {
      state.net = state.net.filter((each) => each !== sent);
      return effect(state, message, scope, mutant, put);
    });
    if (now.duplicates < D) {
      attempt((state) => {
        state.duplicates += 1;
        return effect(state, message, scope, mutant, put);
      });
    }
    attempt((state) => {
      state.net = state.net.filter((each) => each !== sent);
      return false;
    });
  }
  return found;
}

function effect(
  state: PlainState,
  message: Message,
  { V, K }: PlainScope,
  mutant: Mutant,
  put: (state: PlainState, n: number, node: PlainNode) => boolean | null,
): boolean | null {
  if (message[0] === "Notify") return notify(state, message, mutant);
  const [kind, , n, j] = message;
  const { alive, inc, ver, jobs } = nodeAt(state, n);
  const has = jobs.includes(j);
  if (kind === "Reserve") {
    if (!alive || has || (jobs.length >= K && mutant !== "cap")) return false;
    return ver === V ? null : put(state, n, { alive, inc, ver: ver + 1, jobs: [...jobs, j].sort((a, b) => a - b) });
  }
  if (!has) return false;
  return ver === V ? null : put(state, n, { alive, inc, ver: ver + 1, jobs: jobs.filter((each) => each !== j) });
}

function notify(state: PlainState, message: Message & readonly ["Notify", ...unknown[]], mutant: Mutant): boolean {
  const [, i, n, inc, ver, alive, count] = message;
  const row = state.caches[i] ?? [];
  const held = row[n] ?? null;
  const isNewer = held === null || inc > held[0] || (inc === held[0] && ver > held[1]);
  if (!isNewer && mutant !== "stale") return false;
  row[n] = [inc, ver, alive, count];
  return held !== null && held[0] === inc && ver < held[1];
}

function add(state: PlainState, message: Message): void {
  const text = JSON.stringify(message);
  if (!state.net.includes(text)) state.net = [...state.net, text].sort();
}

function nodeAt(state: PlainState, n: number): PlainNode {
  const node = state.nodes[n];
  if (node === undefined) throw new RangeError(`no node ${n}`);
  return node;
}

/** How many states there are when it does not matter which node, instance or job is which. */
export function countUnnamed(states: ReadonlySet<string>, { N, C, J }: PlainScope): number {
  const ways = orders(N).flatMap((node) =>
    orders(C).flatMap((instance) => orders(J).map((job) => ({ node, instance, job }))),
  );
  const kinds = [...states].map((text) => ways.map((way) => renamed(text, way)).sort()[0]);
  return new Set(kinds).size;
}

interface Way {
  readonly node: readonly number[];
  readonly instance: readonly number[];
  readonly job: readonly number[];
}

function orders(count: number): readonly (readonly number[])[] {
  if (count === 0) return [[]];
  return orders(count - 1).flatMap((order) =>
    Array.from({ length: count }, (_, place) => [...order.slice(0, place), count - 1, ...order.slice(place)]),
  );
}

function renamed(text: string, { node, instance, job }: Way): string {
  const { nodes, caches, net, duplicates } = JSON.parse(text) as PlainState;
  const state: PlainState = {
    nodes: nodes.map(() => ({ alive: false, inc: 0, ver: 0, jobs: [] })),
    caches: caches.map((row) => row.map(() => null)),
    net: net.map((each) => JSON.stringify(renamedMessage(JSON.parse(each) as Message, { node, instance, job }))).sort(),
    duplicates,
  };
  for (const [n, each] of nodes.entries()) {
    state.nodes[node[n] ?? 0] = { ...each, jobs: each.jobs.map((j) => job[j] ?? 0).sort((a, b) => a - b) };
  }
  for (const [i, row] of caches.entries()) {
    const own = state.caches[instance[i] ?? 0] ?? [];
    for (const [n, cached] of row.entries()) own[node[n] ?? 0] = cached;
  }
  return JSON.stringify(state);
}

function renamedMessage(message: Message, { node, instance, job }: Way): Message {
  const i = instance[message[1]] ?? 0;
  const n = node[message[2]] ?? 0;
  if (message[0] !== "Notify") return [message[0], i, n, job[message[3]] ?? 0];
  const [kind, , , inc, ver, alive, count] = message;
  return [kind, i, n, inc, ver, alive, count];
}
