/** A node begins a new life, under a token of its own. */

import { changed, keysNeeded, withIncarnation } from "../answer.ts";
import type { CommandOf, NodeRecord } from "../command.ts";
import { nextVersion } from "../feed.ts";
import { byScore } from "../order.ts";
import { type Begun, jobsOf, type Partition, type PartitionStep, withJobs, withNode } from "../state.ts";
import { covers } from "./membership.ts";

type Register = CommandOf<"register_node">;

/** How many tokens of earlier lives a node remembers; a call of a life before these is taken for a new one. */
export const formerMax = 8;

const firstHealthMilli = 500;

export function registerNode(partition: Begun<Partition>, command: Register): PartitionStep {
  const record = partition.nodes.get(command.node);
  if (record === undefined) return beginLife(partition, command, { former: [], finished: 0 });
  if (record.registration === command.registration) {
    return withIncarnation(partition, record.status === "online" ? "already" : "superseded", record);
  }
  if (record.former.includes(command.registration)) return withIncarnation(partition, "superseded", record);
  if (record.status === "online" && !covers(declaredBy(command), record)) return keysNeeded(partition, record);
  const former = [...record.former, record.registration].slice(-formerMax);
  return beginLife(partition, command, { former, finished: record.finished });
}

function declaredBy(command: Register): Pick<Register, "pools" | "languages"> {
  return {
    pools: [...command.pools, ...command.leave.pools],
    languages: [...command.languages, ...command.leave.languages],
  };
}

/** The jobs of the former life are orphaned; its finished jobs stay finished. */
function beginLife(
  partition: Begun<Partition>,
  command: Register,
  { former, finished }: Pick<NodeRecord, "former" | "finished">,
): PartitionStep {
  const { node, maxJobs, pools, languages, services } = command;
  const incarnation = nextVersion(partition);
  const orphaned = byScore(jobsOf(partition, node));
  const record: NodeRecord = {
    status: "online",
    incarnation,
    version: incarnation,
    registration: command.registration,
    former,
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
