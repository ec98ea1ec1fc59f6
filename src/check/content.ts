/** Whether two sights of a node are the same: by everything material, and by the number of its finished jobs where both say it. */
import type { NodeContent } from "./history.ts";
import { versionText } from "./history.ts";

/** Equal texts for equal contents, lists as sets. */
function contentText(node: NodeContent, isCounted: boolean): string {
  return JSON.stringify([
    node.node,
    node.status,
    node.incarnation,
    versionText(node.version),
    node.max_jobs,
    node.current_jobs,
    node.health_milli,
    [...node.pools].sort(),
    node.languages.map(({ source, target }) => `${source}:${target}`).sort(),
    [...node.services].sort(),
    ...(isCounted ? [node.finished] : []),
  ]);
}

/** The first difference in words; null: none. */
export function firstDifference(found: NodeContent, expected: NodeContent): string | null {
  const isCounted = found.finished !== undefined && expected.finished !== undefined;
  const texts = [contentText(found, isCounted), contentText(expected, isCounted)] as const;
  if (texts[0] === texts[1]) return null;
  const [one, other] = texts.map((text) => JSON.parse(text) as readonly unknown[]) as [unknown[], unknown[]];
  const names = [
    "node",
    "status",
    "incarnation",
    "version",
    "max_jobs",
    "current_jobs",
    "health_milli",
    "pools",
    "languages",
    "services",
    "finished",
  ];
  const at = one.findIndex((value, index) => JSON.stringify(value) !== JSON.stringify(other[index]));
  return `${names[at]} ${JSON.stringify(one[at])} instead of ${JSON.stringify(other[at])}`;
}

const statuses: ReadonlySet<string> = new Set(["online", "offline", "expired"]);

/** Returns why no node can be like this, whatever the store holds; null: one can. */
export function whyNonsense({ current_jobs, finished = 0, max_jobs, status }: NodeContent): string | null {
  if (!statuses.has(status)) return `status ${JSON.stringify(status)}, allowed ${[...statuses].join(", ")}`;
  if (!Number.isSafeInteger(finished) || finished < 0) return `finished ${finished}, allowed an integer from 0 on`;
  return whyNotCounts({ current_jobs, max_jobs });
}

/** Returns why these cannot be counts of jobs; null: they can. */
export function whyNotCounts({
  current_jobs,
  max_jobs,
}: Pick<NodeContent, "current_jobs" | "max_jobs">): string | null {
  if (!Number.isSafeInteger(current_jobs) || current_jobs < 0)
    return `current_jobs ${current_jobs}, allowed an integer from 0 on`;
  return current_jobs > max_jobs ? `current_jobs ${current_jobs}, allowed max_jobs ${max_jobs} at most` : null;
}
