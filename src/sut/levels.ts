/**
 * How much of the protocol a system implements: each level has the operations of those below it. With the properties that can be judged there without knowing
 * the system's keys.
 */
export interface Level {
  readonly level: number;
  readonly name: string;
  /** Beside those of the levels below. */
  readonly ops: readonly string[];
  readonly properties: readonly string[];
}

export const levels: readonly Level[] = [
  {
    level: 0,
    name: "jobs",
    ops: ["init", "register_node", "reserve_job", "complete_job", "shutdown"],
    properties: ["J2", "J3", "J4", "D4"],
  },
  {
    level: 1,
    name: "nodes",
    ops: ["heartbeat", "offline_node", "release_job", "get_node"],
    properties: ["N1", "N3", "N4", "V2", "D1"],
  },
  {
    level: 2,
    name: "selection",
    ops: ["select_nodes", "status"],
    properties: ["V1", "N2", "S1", "S2", "B2", "D2", "D3"],
  },
];

/** The highest level with all its operations claimed, and all of those below; -1: not even the first. */
export function levelOf(ops: readonly string[]): number {
  let reached = -1;
  for (const { level, ops: own } of levels) {
    if (!own.every((op) => ops.includes(op) || op === "init" || op === "shutdown")) break;
    reached = level;
  }
  return reached;
}
