/**
 * The sequential specification: one partition, and how a call changes it.
 *
 * Written from docs/protocol.md and from nothing else; in particular not from the Lua that it judges.
 * Pure: no clock, no randomness, no I/O; time comes in with the command, the server's identity with the state.
 */
import { firstWrongArgument } from "./arguments.ts";
import type { Command } from "./command.ts";
import { begin, changesSince, layoutMismatch } from "./feed.ts";
import { heartbeat } from "./rules/heartbeat.ts";
import { completeJob, releaseJob, reserveJob } from "./rules/jobs.ts";
import { offlineNode } from "./rules/offline.ts";
import { ackOrphans, readOrphans } from "./rules/orphans.ts";
import { registerNode } from "./rules/registration.ts";
import { snapshot } from "./rules/snapshot.ts";
import { sweep } from "./rules/sweep.ts";
import type { Begun, Partition, PartitionStep } from "./state.ts";

export type { Log, Partition, PartitionStep } from "./state.ts";
export { changeServer, emptyPartition, loseData } from "./state.ts";

/** The checks that every script makes first (docs/protocol.md, section 3), then its own work. Total: every state answers every command. */
export function step(partition: Partition, command: Command): PartitionStep {
  const argument = firstWrongArgument(command);
  if (argument !== null) return { state: partition, reply: { kind: "invalid", argument }, changes: [] };
  const mismatch = layoutMismatch(partition, command);
  if (mismatch !== null) return { state: partition, reply: mismatch, changes: [] };
  return work(begin(partition, command), command);
}

function work(partition: Begun<Partition>, command: Command): PartitionStep {
  switch (command.kind) {
    case "register_node":
      return registerNode(partition, command);
    case "heartbeat":
      return heartbeat(partition, command);
    case "offline_node":
      return offlineNode(partition, command);
    case "reserve_job":
      return reserveJob(partition, command);
    case "complete_job":
      return completeJob(partition, command);
    case "release_job":
      return releaseJob(partition, command);
    case "sweep":
      return sweep(partition, command);
    case "changes_since":
      return { state: partition, reply: changesSince(partition, command.since, command.limit), changes: [] };
    case "read_orphans":
      return readOrphans(partition, command);
    case "ack_orphans":
      return ackOrphans(partition, command);
    case "snapshot":
      return snapshot(partition, command);
  }
}
