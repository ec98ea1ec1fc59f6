/**
 * `eventually`: a claim comes to hold on every fair path. It does not where, without it ever holding, a path can go round for ever
 * or rest, and is fair in doing so: no demand of weak fairness can be met all the while without ever being met.
 *
 * The states of a strongly connected component can all be visited for ever, and all its steps taken. So a component refutes the claim
 * exactly if each demand cannot be met in some state of it, or is met by some step inside it. (A smaller loop is never fairer.)
 */
import type { Machine, Property } from "../../../model/language/machine.ts";
import type { Graph } from "../search/graph.ts";
import { Steps } from "../search/steps.ts";
import { bytesPerNode, components, type Edges } from "./components.ts";
import { type Region, regionOf } from "./region.ts";

/** Ways through the graph; both begin at the first state of the loop or end there. */
export interface Lasso {
  /** From the first state to where the loop begins, both included. */
  readonly stem: readonly number[];
  /** From there back to it, both included; one state alone: it rests there. */
  readonly loop: readonly number[];
}

export interface LivenessOptions {
  /** The steps of the graph, where other claims about it are judged too. */
  readonly steps?: Steps;
  /** For the tests that plant a wrong explorer: another way to find components. */
  readonly componentsOf?: (edges: Edges) => Int32Array;
}

/** The steps that decide fairness. */
type Edged = Pick<Region, "starts" | "targets" | "demands">;
type Eventually = Extract<Property, { kind: "eventually" }>;

/** @returns null where the claim comes to hold on every fair path */
export function refute(
  graph: Graph,
  machine: Machine,
  property: Eventually,
  options: LivenessOptions = {},
): Lasso | null {
  const holds = property.holds as (draft: unknown) => boolean;
  const after = property.after as ((draft: unknown) => boolean) | undefined;
  const steps = options.steps ?? new Steps(graph, machine);
  const region = regionOf({ graph, machine, steps }, { holds, after: after ?? null });
  steps.budget?.take(region.states.length * bytesPerNode);
  const component = (options.componentsOf ?? components)(region);
  const fair = fairComponents(region, component);
  const node = component.findIndex((each) => fair.has(each));
  if (node < 0) return null;
  const loop = loopFrom(region, component, node);
  return { stem: stemTo(graph, region, node), loop: loop.map((each) => region.states.at(each)) };
}

/** The components in which going round for ever, or resting, is fair. */
export function fairComponents(region: Edged, component: Int32Array): ReadonlySet<number> {
  const fair = new Set<number>();
  for (const members of membersOf(component)) {
    if (isFair(region, component, members)) fair.add(component[members[0] ?? -1] ?? -1);
  }
  return fair;
}

/** The nodes of each component. */
function* membersOf(component: Int32Array): Generator<Int32Array> {
  const order = Int32Array.from(component, (_, node) => node).sort((a, b) => (component[a] ?? 0) - (component[b] ?? 0));
  let from = 0;
  for (let to = 1; to <= order.length; to += 1) {
    if (to < order.length && component[order[to] ?? -1] === component[order[from] ?? -1]) continue;
    yield order.subarray(from, to);
    from = to;
  }
}

/** Each demand cannot be met in one of the nodes, or is met by a step between them. */
function isFair(region: Edged, component: Int32Array, members: Int32Array): boolean {
  const possible = new Map<number, number>();
  const met = new Set<number>();
  for (const node of members) {
    for (const demand of demandsAt(region, node)) possible.set(demand, (possible.get(demand) ?? 0) + 1);
    for (const edge of edgesOf(region, node)) {
      const target = region.targets.at(edge);
      if (target >= 0 && component[target] === component[node]) met.add(region.demands.at(edge));
    }
  }
  return [...possible].every(([demand, count]) => count < members.length || met.has(demand));
}

function* edgesOf({ starts }: Edged, node: number): Generator<number> {
  for (let edge = starts.at(node); edge < starts.at(node + 1); edge += 1) yield edge;
}

/** The demands that can be met at a node, inside the region or by leaving it. */
function demandsAt(region: Edged, node: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (const edge of edgesOf(region, node)) {
    const demand = region.demands.at(edge);
    if (demand >= 0) found.add(demand);
  }
  return found;
}

/** From the first state to where the claim is owed, and on to the node. */
function stemTo(graph: Graph, region: Region, node: number): readonly number[] {
  const inside: number[] = [];
  for (let at = node; at >= 0; at = region.parents.at(at)) inside.push(region.states.at(at));
  inside.reverse();
  return [...graph.pathTo(inside[0] ?? -1), ...inside.slice(1)];
}

/** A way round inside the component on which every demand is met, or cannot be met somewhere. As short as looking always for the nearest makes it. */
function loopFrom(region: Region, component: Int32Array, start: number): readonly number[] {
  const owed = new Set(demandsAt(region, start));
  const loop = [start];
  while (owed.size > 0) {
    const way = nearest(region, component, loop.at(-1) ?? start, (node, edge) => settles(region, node, edge, owed));
    for (const edge of way) {
      const target = region.targets.at(edge);
      owed.delete(region.demands.at(edge));
      for (const demand of owed) if (!demandsAt(region, target).has(demand)) owed.delete(demand);
      loop.push(target);
    }
  }
  if (loop.length === 1) return loop;
  if (loop.at(-1) === start) return loop;
  const back = nearest(region, component, loop.at(-1) ?? start, (node) => node === start);
  return [...loop, ...back.map((edge) => region.targets.at(edge))];
}

/** Whether taking `edge` to `node` meets a demand that is owed, or reaches where one cannot be met. */
function settles(region: Region, node: number, edge: number, owed: ReadonlySet<number>): boolean {
  if (owed.has(region.demands.at(edge))) return true;
  const possible = demandsAt(region, node);
  return [...owed].some((demand) => !possible.has(demand));
}

/** The edges of a shortest way of at least one step inside the component, up to a step that is wanted. */
function nearest(
  region: Region,
  component: Int32Array,
  from: number,
  isWanted: (node: number, edge: number) => boolean,
): readonly number[] {
  const cameBy = new Map<number, readonly [edge: number, before: number]>();
  const queue = [from];
  for (const node of queue) {
    for (const edge of edgesOf(region, node)) {
      const target = region.targets.at(edge);
      if (target < 0 || component[target] !== component[from]) continue;
      if (isWanted(target, edge)) return [...wayTo(cameBy, node, from), edge];
      if (target === from || cameBy.has(target)) continue;
      cameBy.set(target, [edge, node]);
      queue.push(target);
    }
  }
  throw new RangeError("a fair component without a fair way round");
}

function wayTo(
  cameBy: ReadonlyMap<number, readonly [edge: number, before: number]>,
  node: number,
  from: number,
): readonly number[] {
  const way: number[] = [];
  for (let at = node; at !== from; ) {
    const [edge, before] = cameBy.get(at) ?? [-1, from];
    way.push(edge);
    at = before;
  }
  return way.reverse();
}
