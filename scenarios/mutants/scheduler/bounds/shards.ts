/** Wrong schedulers that take several servers for one, or one for another. */
import type { SchedulerMutant } from "../mutant.ts";

const stopped = { simulated: "shard-stopped" } as const;

export const shardMutants: readonly SchedulerMutant[] = [
  {
    ...stopped,
    id: "one-mode-for-all-shards",
    origin: "the instance has a mode, whichever server did not answer: as it was until protocol 2",
    scenario: "shard-stopped",
    property: "D5",
    edits: [
      {
        file: "mode/shards.ts",
        find: "    const servers = this.#ports.store.shards?.() ?? null;",
        replace: "    const servers = this.#count > 0 ? null : (this.#ports.store.shards?.() ?? null);",
      },
    ],
  },
  {
    simulated: "idle-shard-stopped",
    id: "pulse-of-any-shard",
    origin: "a read of one server is taken for a pulse of all",
    property: "D2",
    edits: [
      {
        file: "calls/calls.ts",
        find: "    this.#shards.of(call.partition).lastReadAt = this.#clock.now();",
        replace: "    for (const shard of this.#shards.all) shard.lastReadAt = this.#clock.now();",
      },
    ],
  },
  {
    ...stopped,
    id: "probe-of-any-shard",
    origin: "partitions take turns with the probes, on whichever server they are",
    property: "D5",
    edits: [
      {
        file: "mode/supervisor.ts",
        find: "    const follower = this.#asked[this.#probes++ % this.#asked.length];",
        replace:
          "    const { followers } = this.#ports;\n    const follower = followers[this.#probes++ % followers.length];",
      },
    ],
  },
  {
    ...stopped,
    id: "answers-with-the-worst-mode",
    origin: "an answer names the mode of the instance, not that of the server which has the node",
    property: "D5",
    edits: [
      {
        file: "reading/reads.ts",
        find: "    const answer = toAnswer(finding, clock.now(), mode.mode);",
        replace:
          "    const answer = toAnswer(finding, clock.now(), mode.isNormal ? this.#ports.shards.mode : mode.mode);",
      },
    ],
  },
  {
    ...stopped,
    id: "writes-of-the-first-shard",
    origin: "writes ask whether the first server takes them",
    property: "D6",
    edits: [
      {
        file: "calls/calls.ts",
        find: "    const { mode } = this.#shards.of(call.partition);\n    if (!urgent",
        replace: "    const { mode } = this.#shards.of(0);\n    if (!urgent",
      },
    ],
  },
  {
    ...stopped,
    id: "dispatches-to-a-stopped-shard",
    origin: "candidates are drawn from the view alone, wherever they are",
    property: "S5",
    edits: [
      {
        file: "selection/select.ts",
        find: "  if (!shards.isSplit) return nodes;",
        replace: "  if (shards.all.length > 0) return nodes;",
      },
    ],
  },
];
