import type { Regression } from "./regression.ts";

export default {
  id: "data-lost-while-away",
  why: "After a reconnect the follower went on from its old position, though the store had begun a new epoch. It has to load anew.",
  reaches: ["new_epoch"],
  fails: "no-resync-after-reconnect",
  plan: {
    form: "lockproof-plan/1",
    scenario: "redis-gone",
    why: "A Redis that falls silent, then refuses, then comes back, and once comes back empty, never stops a read, and no instance holds on to what was lost.",
    property: "V3",
    topology: { instances: 1, nodes: 1, maxJobsPerNode: 1, partitions: 1, feedMax: 100000 },
    settings: {},
    network: [0.2, 1],
    eventually: { D3: { within: 1500 }, V3: { within: 1000 } },
    staleness: 300,
    duration: 1501,
    actions: [],
    faults: [{ kind: "redis_restart", at: 1, data: "lost" }],
    draws: [],
  },
} satisfies Regression;
