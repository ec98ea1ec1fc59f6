import type { Regression } from "./regression.ts";

export default {
  id: "failover-behind",
  why: "After a failover the store answered a smaller version and was taken for a lagging one. Another epoch has a sequence of its own, and lost writes have to be named.",
  reaches: ["new_epoch", "acknowledged_write_lost"],
  fails: "higher-number-wins",
  plan: {
    form: "lockproof-plan/1",
    scenario: "failover-loses-writes",
    why: "A replica that lacks the last writes takes over: what was acknowledged and lost is named by a new epoch, and no instance holds on to it.",
    property: "D4",
    topology: { instances: 1, nodes: 1, maxJobsPerNode: 1, partitions: 1, feedMax: 100000 },
    settings: {},
    network: [0.2, 1],
    eventually: { V3: { within: 1500 }, D3: { within: 1000 } },
    staleness: 300,
    duration: 1013,
    actions: [{ kind: "go_offline", at: 2, instance: 0, node: "node-0", absence: "absence-5-0-1" }],
    faults: [{ kind: "redis_failover", at: 1, lasts: 5 }],
    draws: [],
  },
} satisfies Regression;
