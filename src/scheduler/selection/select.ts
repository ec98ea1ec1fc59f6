/** selectNodes: one synchronous search of the index, without a lock. The store checks capacity again when a job is reserved. */

import type { NodeState } from "../../protocol/node.ts";
import type { Instant, Millis } from "../../protocol/time.ts";
import type { Emit } from "../events.ts";
import { checkId, checkInteger, checkPair } from "../input.ts";
import type { Mode } from "../mode/mode.ts";
import type { ModeKeeper } from "../mode/mode-keeper.ts";
import type { Clock, Random } from "../ports.ts";
import type { Settings } from "../settings.ts";
import type { NodeIndex } from "../view/node-index.ts";
import type { PoolPlan } from "./phase3.ts";
import type { Reservations } from "./reservations.ts";

export interface SelectionRequest {
  /** Absent: the pool that an enabled Phase3Config gives for `key`; without a configuration, all nodes that serve the pair. */
  readonly pool?: string;
  readonly source: string;
  readonly target: string;
  /** All of these. */
  readonly services: readonly string[];
  /** At most this many, 1 to 1000. */
  readonly count: number;
  /** Without a pool: requests with the same key, such as those of a session, go to the same pool. Absent: the language pair. */
  readonly key?: string;
}

/** A request that names its pool. */
export interface Wanted extends SelectionRequest {
  readonly pool: string;
}

export interface Selection {
  /** In each pool, every place has the better of two candidates that were drawn: by health, less the share of the node's places that are taken. */
  readonly nodes: readonly NodeState[];
  /** The pools that were searched, in order; empty: all nodes that serve the pair were. */
  readonly pools: readonly string[];
  readonly mode: Mode;
  /** True when some partition may not be current: degraded, being resynced, not confirmed for longer than a poll takes, or closed. */
  readonly stale: boolean;
  readonly took: Millis;
}

export interface SelectPorts {
  readonly clock: Clock;
  readonly followers: readonly { readonly isTrusted: boolean; readonly confirmedAt: Instant }[];
  /** Whether the instance has not been closed. */
  readonly isOpen: () => boolean;
  readonly settings: Settings;
  readonly index: NodeIndex;
  /** Null: there is no configuration, or it is not enabled. */
  readonly plan: () => PoolPlan | null;
  readonly reservations: Reservations;
  readonly mode: ModeKeeper;
  readonly random: Random;
  readonly emit: Emit;
  readonly isWatched: boolean;
}

/** @throws InvalidInputError for an id, a language or a count that the protocol does not allow */
export function selectNodes(ports: SelectPorts, wanted: SelectionRequest): Selection {
  const { clock, emit, mode } = ports;
  const startedAt = clock.now();
  checkWanted(wanted);
  const nodes: NodeState[] = [];
  const pools = gather(ports, wanted, nodes);
  const stale = !isCurrent(ports, startedAt);
  const selection = { nodes, pools, mode: mode.mode, stale, took: clock.now() - startedAt };
  if (ports.isWatched) emit({ kind: "selected", ...selection, nodes: nodes.map(({ node }) => node) });
  return selection;
}

/** Whether every partition was confirmed as recently as polling promises: a poll is due after its interval, found at a pulse, and takes a read or two. */
function isCurrent({ followers, isOpen, mode, settings }: SelectPorts, now: Instant): boolean {
  if (!isOpen() || !mode.isNormal) return false;
  const { pollInterval, pulseInterval, readDeadline } = settings;
  const since = now - pollInterval - pulseInterval - 2 * readDeadline;
  return followers.every(({ confirmedAt, isTrusted }) => isTrusted && confirmedAt >= since);
}

function checkWanted({ pool, source, target, services, count, key }: SelectionRequest): void {
  if (pool !== undefined) checkId("pool", pool);
  if (key !== undefined) checkId("key", key);
  checkPair("source, target", { source, target });
  for (const service of services) checkId("services", service);
  checkInteger("count", count, 1, 1_000);
}

/** The nodes chosen so far. */
interface Choice {
  readonly nodes: NodeState[];
  /** The ids of the nodes chosen so far, where several pools are searched: a node may be in several. */
  readonly seen: Set<string> | null;
}

/** @returns the pools that were searched */
function gather(ports: SelectPorts, wanted: SelectionRequest, nodes: NodeState[]): readonly string[] {
  if (wanted.pool !== undefined) {
    draw(ports, wanted, wanted.pool, { nodes, seen: null });
    return [wanted.pool];
  }
  const plan = ports.plan();
  if (plan === null) {
    draw(ports, wanted, null, { nodes, seen: null });
    return [];
  }
  return gatherByPlan(ports, wanted, plan, nodes);
}

function gatherByPlan(
  ports: SelectPorts,
  wanted: SelectionRequest,
  plan: PoolPlan,
  nodes: NodeState[],
): readonly string[] {
  const first = plan.choose(wanted);
  const pools: string[] = [];
  if (first !== null) {
    draw(ports, wanted, first, { nodes, seen: null });
    pools.push(first);
  }
  if (nodes.length === wanted.count) return pools;
  const choice = { nodes, seen: new Set(nodes.map(({ node }) => node)) };
  for (const pool of plan.others(wanted, first)) {
    draw(ports, wanted, pool, choice);
    pools.push(pool);
    if (nodes.length === wanted.count) break;
  }
  return pools;
}

function draw(
  { index, random, reservations }: SelectPorts,
  { source, target, services, count }: SelectionRequest,
  pool: string | null,
  { nodes, seen }: Choice,
): void {
  const jobsOf = ({ node, current_jobs }: NodeState): number =>
    seen?.has(node) ? Number.POSITIVE_INFINITY : current_jobs + reservations.of(node);
  const before = nodes.length;
  index.bucketOf({ pool, source, target, services })?.draw(nodes, count, random, jobsOf);
  if (seen !== null) for (const { node } of nodes.slice(before)) seen.add(node);
}
