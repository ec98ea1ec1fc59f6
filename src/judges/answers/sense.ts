/** Whether an answer to a lookup is one at all, whatever the store holds. */
import type { Call } from "../../check/history.ts";

/** Whether what comes from there was found; null: it may have been. docs/modes.md */
const sources: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>(
  Object.entries({ l1: true, l2: null, redis: null, miss: false, none: null }),
);

/** All modes that there are. */
export const knownModes: ReadonlySet<string> = new Set(["normal", "l2_only", "local_only"]);

/** Returns how an answer contradicts itself or the lookup; null: it does not, or there was no lookup. */
export function contradictionIn({ node: asked, read, reply }: Pick<Call, "node" | "read" | "reply">): string | null {
  if (read === undefined) return null;
  const { found, mode, node, source } = read;
  if (found !== (node !== null)) return `found: ${found}, and ${node === null ? "no node" : `node ${node.node}`}`;
  if (node !== null && asked !== undefined && node.node !== asked) return `node ${node.node}`;
  if (!knownModes.has(mode)) return `found: ${found}, in mode ${mode}`;
  const isFound = sources.get(source);
  const canBe = isFound === null || isFound === found;
  if (!canBe) return `found: ${found}, from ${source}`;
  return reply === (found ? "missing" : "found") ? `found: ${found}, as ${reply}` : null;
}

export function explainContradiction(call: Call, contradiction: string): readonly string[] {
  const { from, instance, node, read } = call;
  return [
    `instance ${instance} was asked for node ${node ?? ""} and showed ${contradiction}, allowed the node itself or none`,
    `asked at ${Math.round(from)} ms, answered from ${read?.source ?? "nowhere"}`,
  ];
}
