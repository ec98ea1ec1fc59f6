/** A node begins a new incarnation, under a token of its own, in place of the one that the caller names. */

import { changed, withIncarnation } from "../answer.ts";
import type { CommandOf, NodeRecord } from "../command.ts";
import { nextVersion } from "../feed.ts";
import { byScore } from "../order.ts";
import { type Begun, jobsOf, type Partition, type PartitionStep, versionOf, withJobs, withNode } from "../state.ts";
import { sameVersion } from "../version.ts";

type Register = CommandOf<"register_node">;

const firstHealthMilli = 500;

export function registerNode(partition: Begun<Partition>, command: Register): PartitionStep {
  const record = partition.nodes.get(command.node);
  if (record?.registration === command.registration) {
    return withIncarnation(partition, record.status === "online" ? "already" : "superseded", record);
  }
  if (!isExpected(command, record)) return conflict(partition, record);
  return beginIncarnation(partition, command, record?.finished ?? 0);
}

/** An incarnation never returns, so a call that another one has overtaken never finds what it expects. */
function isExpected({ expected }: Register, record: NodeRecord | undefined): boolean {
  return sameVersion(record?.incarnation ?? null, expected);
}

function conflict(partition: Begun<Partition>, record: NodeRecord | undefined): PartitionStep {
  const reply = {
    kind: "conflict",
    version: versionOf(partition.meta),
    incarnation: record?.incarnation ?? null,
  } as const;
  return { state: partition, reply, changes: [] };
}

/** The jobs of the former incarnation are orphaned; its finished jobs stay finished. */
function beginIncarnation(partition: Begun<Partition>, command: Register, finished: number): PartitionStep {
  const { node, maxJobs, pools, languages, services } = command;
  const incarnation = nextVersion(partition);
  const orphaned = byScore(jobsOf(partition, node));
  const record: NodeRecord = {
    status: "online",
    incarnation,
    version: incarnation,
    registration: command.registration,
    heartbeatSeq: -1,
    heartbeatChunk: 0,
    maxJobs,
    currentJobs: 0,
    finished,
    metrics: null,
    healthMilli: firstHealthMilli,
    services,
    languages,
    pools,
    expiresAt: command.at + command.ttl,
  };
  return changed(
    withNode(withJobs(partition, node, new Map()), node, record),
    {
      kind: "registered",
      node,
      incarnation,
      finished,
      maxJobs,
      pools,
      languages,
      services,
      healthMilli: firstHealthMilli,
      orphaned,
    },
    command,
    (version) => ({ kind: "registered", version, incarnation }),
  );
}
