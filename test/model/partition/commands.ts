/** Commands with everything allowed in them, of which a test says only what it is about. */
import type { Command, CommandOf, LanguagePair, Metrics, Version } from "../../../model/partition/command.ts";
import { emptyPartition, type Partition, type PartitionStep, step } from "../../../model/partition/partition.ts";

export const metrics: Metrics = { cpu: 0.5, gpu: 0, memory: 0.25, load: 1, latency_ms: 3, error_rate: 0 };
export const enZh: LanguagePair = { source: "en", target: "zh" };
export const zhEn: LanguagePair = { source: "zh", target: "en" };
const call = { at: 1000, partitions: 4, feedMax: 100 };
/** The `expected` of a registration that replaces the current incarnation, if there is one. */
const present: Version = { epoch: 0, sequence: 0 };

const allowed: { readonly [Kind in Command["kind"]]: CommandOf<Kind> } = {
  register_node: {
    ...call,
    kind: "register_node",
    node: "n",
    registration: "t1",
    expected: present,
    maxJobs: 2,
    ttl: 100,
    pools: ["p"],
    languages: [enZh],
    services: ["s"],
  },
  heartbeat: {
    ...call,
    kind: "heartbeat",
    node: "n",
    incarnation: { epoch: 1, sequence: 1 },
    seq: 0,
    chunk: 0,
    ttl: 100,
    lease: 50,
    healthMilli: 500,
    metrics,
    running: [],
  },
  offline_node: {
    ...call,
    kind: "offline_node",
    node: "n",
    incarnation: { epoch: 1, sequence: 1 },
    retention: 1000,
  },
  reserve_job: { ...call, kind: "reserve_job", node: "n", job: "j", lease: 50, seen: 0 },
  complete_job: { ...call, kind: "complete_job", node: "n", job: "j", doneFor: 1000, doneMax: 10 },
  release_job: { ...call, kind: "release_job", node: "n", job: "j" },
  sweep: {
    ...{ ...call, kind: "sweep", retention: 1000, limit: 10, jobLimit: 10, gap: 86_400_000, grace: 0 },
    offset: 0,
    candidates: [],
  },
  changes_since: { ...call, kind: "changes_since", since: { epoch: 1, sequence: 0 }, limit: 100 },
  read_orphans: { ...call, kind: "read_orphans", after: 0, limit: 100 },
  ack_orphans: { ...call, kind: "ack_orphans", losses: [] },
  snapshot: { ...call, kind: "snapshot", records: [], after: "", limit: 100 },
};

export function command<Kind extends Command["kind"]>(
  kind: Kind,
  said: Partial<Omit<CommandOf<Kind>, "kind">> = {},
): CommandOf<Kind> {
  return { ...allowed[kind], ...said };
}

/** The last step of these, one after another from nothing (or from `start`). */
export function lastOf(commands: readonly Command[], start: Partition = emptyPartition): PartitionStep {
  const idle: PartitionStep = { state: start, reply: { kind: "invalid", argument: "no command" }, changes: [] };
  return commands.reduce((last, next) => step(last.state, placed(last.state, next)), idle);
}

function placed({ nodes }: Partition, next: Command): Command {
  if (next.kind !== "register_node" || next.expected !== present) return next;
  return { ...next, expected: nodes.get(next.node)?.incarnation ?? null };
}

export function version(sequence: number, epoch = 1): Version {
  return { epoch, sequence };
}
