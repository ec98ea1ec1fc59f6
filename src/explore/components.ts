/** Strongly connected components, by one depth-first search without recursion. */

import type { Ints } from "./ints.ts";

/** The edges of node n are at `starts.at(n)` to `starts.at(n + 1)` - 1 of `targets`; a negative target leads out of the graph. */
export interface Edges {
  readonly starts: Pick<Ints, "at" | "length">;
  readonly targets: Pick<Ints, "at">;
}

/** @returns for each node the number of its component; nodes of one component reach each other */
export function components({ starts, targets }: Edges): Int32Array {
  const nodes = starts.length - 1;
  const component = new Int32Array(nodes).fill(-1);
  const order = new Int32Array(nodes).fill(-1);
  const low = new Int32Array(nodes);
  const edge = new Int32Array(nodes);
  const open: number[] = [];
  const path: number[] = [];
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
    const parent = path.at(-1);
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
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
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
