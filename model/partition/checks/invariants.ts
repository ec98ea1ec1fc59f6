/** The invariants of every state of a partition, and of any log. The model keeps them by construction; a changed model, or a real store read back, may not. */

import type { NodeRecord, Version } from "../command.ts";
import { doneOf, jobsOf, type Log, type Partition } from "../state.ts";
import { type Broken, type Claim, failed } from "./claim.ts";

export type { Broken } from "./claim.ts";
export { stepViolations } from "./violations.ts";

export function brokenInvariants(partition: Partition): readonly Broken[] {
  const nodes = [...partition.nodes].flatMap(([node, record]) => nodeClaims(partition, node, record));
  return [...brokenLog(partition), ...failed([...nodes, ...ownerClaims(partition), ...versionClaims(partition)])];
}

/** The feed is whole and ends where the log is; the epoch is one that has been given out. */
export function brokenLog({ meta, feed, nextEpoch }: Log): readonly Broken[] {
  if (meta === null) return []; // whatever feed there is belongs to no epoch, and goes when one begins
  const sequences = feed.map((entry) => entry.sequence);
  const first = meta.sequence - feed.length + 1;
  return failed([
    [isCount(meta.sequence), "V1", `sequence ${meta.sequence}, allowed 0, 1, 2, …`],
    [meta.epoch < nextEpoch, "V1", `epoch ${meta.epoch}, but the next to be given out is ${nextEpoch}`],
    [meta.sequence === 0 || feed.length > 0, "V1", `feed empty at sequence ${meta.sequence}`],
    [
      first >= 1 && sequences.every((sequence, place) => sequence === first + place),
      "V1",
      `feed ${sequences.join(" ")}, allowed one by one up to ${meta.sequence}, from 1 at the earliest`,
    ],
  ]);
}

function nodeClaims(partition: Partition, node: string, record: NodeRecord): readonly Claim[] {
  const jobs = jobsOf(partition, node);
  const done = doneOf(partition, node);
  const { currentJobs, maxJobs, status, heartbeatSeq } = record;
  const both = [...jobs.keys()].filter((job) => done.has(job));
  return [
    [currentJobs === jobs.size, "J1", `node ${node}: current_jobs ${currentJobs}, live reservations ${jobs.size}`],
    [jobs.size <= maxJobs, "J2", `node ${node}: ${jobs.size} jobs, allowed ${maxJobs}`],
    [both.length === 0, "J3", `node ${node}: both live and finished: ${both.join(" ")}`],
    [new Set(done.values()).size === done.size, "J3", `node ${node}: two finished jobs with one score`],
    [done.size <= record.finished, "J3", `node ${node}: ${done.size} jobs remembered of ${record.finished} finished`],
    [status === "online" || jobs.size === 0, "J4", `node ${node}: ${status}, with ${jobs.size} jobs`],
    [heartbeatSeq === -1 || isCount(heartbeatSeq), "N1", `node ${node}: heartbeat_seq ${heartbeatSeq}`],
    [isCount(record.heartbeatChunk), "N1", `node ${node}: heartbeat_chunk ${record.heartbeatChunk}`],
    [
      (heartbeatSeq === -1) === (record.metrics === null),
      "N1",
      `node ${node}: heartbeat_seq ${heartbeatSeq}, metrics ${record.metrics === null ? "none" : "some"}`,
    ],
    [isAsNew(record.version, record.incarnation), "V1", `node ${node}: its version is before its incarnation`],
  ];
}

/** Jobs, live or finished, belong to a node that there is. */
function ownerClaims(partition: Partition): readonly Claim[] {
  const claim = (kind: string, node: string, size: number): readonly Claim[] => [
    [partition.nodes.has(node), "J4", `${size} ${kind} jobs of ${node}, which there is not`],
    [size > 0, "J4", `an empty set of ${kind} jobs of ${node}`],
  ];
  return [
    ...[...partition.jobs].flatMap(([node, jobs]) => claim("live", node, jobs.size)),
    ...[...partition.done].flatMap(([node, done]) => claim("finished", node, done.size)),
  ];
}

/** A version was given out in this epoch or an earlier one, to one node only. */
function versionClaims({ meta, nodes }: Partition): readonly Claim[] {
  if (meta === null) return [];
  const owners = new Map<string, string>();
  return [...nodes].flatMap(([node, { version }]): readonly Claim[] => {
    const text = `${version.epoch}:${version.sequence}`;
    const other = owners.get(text) ?? node;
    owners.set(text, node);
    return [
      [
        isAsNew(meta, version),
        "V1",
        `node ${node}: version ${text}, the partition's is ${meta.epoch}:${meta.sequence}`,
      ],
      [other === node, "V1", `nodes ${other} and ${node} have one version, ${text}`],
    ];
  });
}

function isAsNew(a: Version, b: Version): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.sequence >= b.sequence);
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}
