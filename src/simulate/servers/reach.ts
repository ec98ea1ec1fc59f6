/**
 * Decides whether a script would reach an operation that fails now: a use of a key of the wrong type, or a write that is not allowed. As with Redis, a
 * script fails only at an operation that it reaches: one that finds nothing to write runs on a server that takes no writes.
 */
import type { Command, ConfigCommand } from "../../../model/partition/command.ts";
import { type Log, type Partition, step } from "../../../model/partition/partition.ts";
import { type ConfigPartition, configStep } from "../../../model/partition/rules/config.ts";

export type WrongKey = "meta" | "expiry" | "feed";

/** The effect that a command would have. */
export interface Trial {
  readonly before: Log;
  readonly after: Log;
  readonly changes: number;
  /** Its arguments are refused before it reads any key. */
  readonly isInvalid: boolean;
  readonly command: Command | ConfigCommand;
}

export function tried(before: Partition, command: Command): Trial {
  const { changes, reply, state } = step(before, command);
  return { before, after: state, changes: changes.length, isInvalid: reply.kind === "invalid", command };
}

export function triedConfig(before: ConfigPartition, command: ConfigCommand): Trial {
  const { changes, reply, state } = configStep(before, command);
  return { before, after: state, changes: changes.length, isInvalid: reply.kind === "invalid", command };
}

/** Whether it writes. The first script that notices a new epoch writes it, even a reader. */
export function writes({ after, before }: Trial): boolean {
  const held = new Map<string, unknown>(Object.entries(before));
  return Object.entries(after).some(([field, value]) => value !== held.get(field));
}

/** Whether it writes what takes memory. An acknowledgement only removes, which a server allows that has no memory left. */
export function takesMemory(trial: Trial): boolean {
  const { after, before, command } = trial;
  return writes(trial) && !(command.kind === "ack_orphans" && after.meta === before.meta);
}

const users: ReadonlySet<string> = new Set(["register_node", "heartbeat", "offline_node"]);

export function reaches(key: WrongKey, trial: Trial): boolean {
  const { changes, command, isInvalid } = trial;
  if (isInvalid) return false;
  switch (key) {
    case "meta":
      return true;
    case "feed":
      return command.kind === "changes_since" ? isBehind(command.since, trial) : changes > 0;
    case "expiry":
      return command.kind === "sweep" || (users.has(command.kind) && writes(trial));
  }
}

/** A caller that is up to date, or in another epoch, is answered without reading the feed. */
function isBehind(since: { readonly epoch: number; readonly sequence: number }, { after: { meta } }: Trial): boolean {
  return meta !== null && since.epoch === meta.epoch && since.sequence < meta.sequence;
}
