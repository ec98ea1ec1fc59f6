/** selectNodes: over the view, in one go; no await, no lock. The store checks capacity again when a job is reserved. */
import type { Emit } from "./events.ts";
import type { Follower } from "./follower.ts";
import { checkId, checkInteger, checkPair } from "./input.ts";
import type { Mode } from "./mode.ts";
import type { ModeKeeper } from "./mode-keeper.ts";
import type { Clock, Millis, NodeState, Random } from "./ports.ts";
import type { Reservations } from "./reservations.ts";
import type { View } from "./view.ts";

export interface Wanted {
  readonly pool: string;
  readonly source: string;
  readonly target: string;
  /** All of these. */
  readonly services: readonly string[];
  /** At most this many, 1 to 1000. */
  readonly count: number;
}

export interface Selection {
  /** Best first. */
  readonly nodes: readonly NodeState[];
  readonly mode: Mode;
  /** True when some partition may not be current: degraded, or being resynced. */
  readonly stale: boolean;
  readonly took: Millis;
}

export interface SelectPorts {
  readonly clock: Clock;
  readonly followers: readonly Follower[];
  readonly reservations: Reservations;
  readonly mode: ModeKeeper;
  readonly random: Random;
  readonly emit: Emit;
}

interface Ranked {
  readonly node: NodeState;
  /** Among equals the draw decides, so that instances with the same view do not all choose the same node. */
  readonly draw: number;
}

/** @throws InvalidInputError for an id, a language or a count that the protocol does not allow */
export function selectNodes(ports: SelectPorts, wanted: Wanted): Selection {
  const { clock, emit, followers, mode } = ports;
  const startedAt = clock.now();
  checkWanted(wanted);
  const best: Ranked[] = [];
  for (const { view } of followers) {
    for (const node of matching(view, wanted)) {
      if (hasRoom(node, ports.reservations)) insert(best, { node, draw: ports.random.nextUint32() }, wanted.count);
    }
  }
  const nodes = best.map(({ node }) => node);
  const stale = !mode.isNormal || followers.some(({ isTrusted }) => !isTrusted);
  const selection = { nodes, mode: mode.mode, stale, took: clock.now() - startedAt };
  emit({ kind: "selected", pool: wanted.pool, ...selection, nodes: nodes.map(({ node }) => node) });
  return selection;
}

function checkWanted({ pool, source, target, services, count }: Wanted): void {
  checkId("pool", pool);
  checkPair("source, target", { source, target });
  for (const service of services) checkId("services", service);
  checkInteger("count", count, 1, 1_000);
}

/** Online nodes of the pool that serve the pair and have every service. */
function* matching(view: View, { pool, source, target, services }: Wanted): Generator<NodeState> {
  const members = view.inPool(pool);
  const serving = view.serving(source, target);
  const [fewer, more] = members.size <= serving.size ? [members, serving] : [serving, members];
  for (const id of fewer) {
    if (!more.has(id)) continue;
    const node = view.get(id);
    if (node !== undefined && services.every((service) => node.services.includes(service))) yield node;
  }
}

function hasRoom(node: NodeState, reservations: Reservations): boolean {
  return node.status === "online" && node.current_jobs + reservations.of(node.node) < node.max_jobs;
}

/** Keeps the best `count`, best first: one pass, however many match. */
function insert(best: Ranked[], candidate: Ranked, count: number): void {
  const worst = best.at(-1);
  if (best.length === count && worst !== undefined && !ranksBefore(candidate, worst)) return;
  const place = best.findIndex((other) => ranksBefore(candidate, other));
  best.splice(place === -1 ? best.length : place, 0, candidate);
  if (best.length > count) best.pop();
}

function ranksBefore(a: Ranked, b: Ranked): boolean {
  if (a.node.health_milli !== b.node.health_milli) return a.node.health_milli > b.node.health_milli;
  return a.draw < b.draw;
}
