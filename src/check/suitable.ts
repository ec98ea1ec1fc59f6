/** Whether a node is what a selection asked for, by its own record. Without a pool any may be right: the configuration in force decides. */
import type { LanguagePair, NodeContent, Wish } from "./history.ts";

interface Offered {
  readonly pools: readonly string[];
  readonly languages: readonly LanguagePair[];
  readonly services: readonly string[];
}

/** Pools in the order in which they are searched; null: any node will do, whatever its pools. */
export type PoolOrder = readonly string[] | null;

/** The pool that a request names; null: it names none. */
function namedPool({ pool }: Wish): PoolOrder {
  return pool === undefined ? null : [pool];
}

/** @param pools those in which the request has to be searched; absent: the one that it names */
export function suits(offered: Offered, wish: Wish, pools: PoolOrder = namedPool(wish)): boolean {
  return placeOf(offered, wish, pools) !== null;
}

/** The place of the first of the pools that the node is in, from 0; null: it does not suit. */
export function placeOf({ languages, pools: own, services }: Offered, wish: Wish, pools: PoolOrder): number | null {
  const { source, target, services: wanted } = wish;
  if (!languages.some((pair) => pair.source === source && pair.target === target)) return null;
  if (!wanted.every((service) => services.includes(service))) return null;
  const place = pools === null ? 0 : pools.findIndex((pool) => own.includes(pool));
  return place < 0 ? null : place;
}

/** Returns why a selected node, as it was shown, is wrong, in words that follow "which it knew"; null: it is not.
 * @param asked undefined: it was not taken down, and only the status is looked at
 */
export function whyUnsuited(shown: NodeContent, asked: Wish | undefined, pools?: PoolOrder): string | null {
  if (shown.status !== "online") return `to be ${shown.status}`;
  if (asked === undefined || suits(shown, asked, pools)) return null;
  return `not to offer what was asked for (${wishText(asked, pools)})`;
}

/** @param pools as for `suits` */
export function wishText(wish: Wish, pools: PoolOrder = namedPool(wish)): string {
  const { pool, services, source, target } = wish;
  const prescribed = pools === null ? "any pool" : `the pools in force: ${pools.join(", ") || "none"}`;
  return [pool ?? prescribed, `${source} to ${target}`, ...services].join(", ");
}
