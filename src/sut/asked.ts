/** Which properties a system under test has to keep for a gate to be green: those of its level that it claims, and that can be judged of it. */
import { levelOf, levels } from "./levels.ts";

/** Judged by what an observer sees under the keys of docs/protocol.md. */
const byItsKeys = ["J1", "J5", "V1", "V3", "V4", "S2", "H1", "L1", "F1"] as const;

export interface Claimed {
  readonly ops: readonly string[];
  readonly properties: readonly string[];
  /** Whether its data are under the keys of docs/protocol.md. */
  readonly hasDocumentedKeys: boolean;
}

/** @returns ids of properties; empty below level 0 */
export function askedOf({ hasDocumentedKeys, ops, properties }: Claimed): readonly string[] {
  const reached = levelOf(ops);
  const own = levels.filter(({ level }) => level <= reached).flatMap((level) => level.properties);
  const judged = new Set<string>([...own, ...(hasDocumentedKeys ? byItsKeys : [])]);
  return [...judged].filter((id) => properties.includes(id));
}
