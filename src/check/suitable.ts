/** Whether a node is what a selection asked for, by its own record. Without a pool any may be right: the configuration in force decides. */
import type { LanguagePair, NodeContent, Wish } from "./history.ts";

interface Offered {
  readonly pools: readonly string[];
  readonly languages: readonly LanguagePair[];
  readonly services: readonly string[];
}

export function suits(
  { languages, pools, services }: Offered,
  { pool, source, target, services: wanted }: Wish,
): boolean {
  return (
    (pool === undefined || pools.includes(pool)) &&
    wanted.every((service) => services.includes(service)) &&
    languages.some((pair) => pair.source === source && pair.target === target)
  );
}

/** What is wrong with a node that was selected as it was shown, after "which it knew"; null: nothing.
 * @param asked undefined: it was not taken down, and only the status is looked at
 */
export function whyUnsuited(shown: NodeContent, asked: Wish | undefined): string | null {
  if (shown.status !== "online") return `to be ${shown.status}`;
  if (asked === undefined || suits(shown, asked)) return null;
  return `not to offer what was asked for (${wishText(asked)})`;
}

export function wishText({ key, pool, services, source, target }: Wish): string {
  const place = pool ?? (key === undefined ? "no pool" : `no pool, key ${key}`);
  return [place, `${source} to ${target}`, ...services].join(", ");
}
