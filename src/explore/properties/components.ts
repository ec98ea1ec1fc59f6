/** Strongly connected components, by one depth-first search without recursion. */

import type { Ints } from "../search/ints.ts";

/** The edges of node n are at `starts.at(n)` to `starts.at(n + 1)` - 1 of `targets`; a negative target leads out of the graph. */
export interface Edges {
  readonly starts: Pick<Ints, "at" | "length">;
  readonly targets: Pick<Ints, "at">;
}

/** Bytes that `components` takes for each node. */
export const bytesPerNode = 6 * Int32Array.BYTES_PER_ELEMENT;

/** Nodes, each on it at most once: outside the heap, since there may be as many as there are states. */
class Stack {
  readonly #values: Int32Array;
  #length = 0;

  constructor(most: number) {
    this.#values = new Int32Array(most);
  }

  push(node: number): void {
    this.#values[this.#length] = node;
    this.#length += 1;
  }

  pop(): number | undefined {
    const top = this.top();
    if (top !== undefined) this.#length -= 1;
    return top;
  }

  top(): number | undefined {
    return this.#length === 0 ? undefined : this.#values[this.#length - 1];
  }
}

/** @returns for each node the number of its component; nodes of one component reach each other */
export function components({ starts, targets }: Edges): Int32Array {
  const nodes = starts.length - 1;
  const component = new Int32Array(nodes).fill(-1);
  const order = new Int32Array(nodes).fill(-1);
  const low = new Int32Array(nodes);
  const edge = new Int32Array(nodes);
  const open = new Stack(nodes);
  const path = new Stack(nodes);
  let visited = 0;
  let found = 0;

  function enter(node: number): void {
    order[node] = visited;
    low[node] = visited;
    edge[node] = starts.at(node);
    visited += 1;
    open.push(node);
    path.push(node);
  }

  function leave(node: number): void {
    path.pop();
    const parent = path.top();
    const lowest = low[node] ?? 0;
    if (parent !== undefined) low[parent] = Math.min(low[parent] ?? 0, lowest);
    if (lowest !== order[node]) return;
    for (let member = open.pop(); member !== undefined; member = open.pop()) {
      component[member] = found;
      if (member === node) break;
    }
    found += 1;
  }

  for (let root = 0; root < nodes; root += 1) {
    if (order[root] !== -1) continue;
    enter(root);
    for (let node = path.top(); node !== undefined; node = path.top()) {
      const next = edge[node] ?? 0;
      if (next === starts.at(node + 1)) {
        leave(node);
        continue;
      }
      edge[node] = next + 1;
      const target = targets.at(next);
      if (target < 0) continue;
      if (order[target] === -1) enter(target);
      else if (component[target] === -1) low[node] = Math.min(low[node] ?? 0, order[target] ?? 0);
    }
  }
  return component;
}
