import type { Regression } from "./regression.ts";

export default {
  id: "wake-up-missed",
  why: "An instance with a subscription that was cut for a moment kept waiting for a wake-up, and never fetched the change that it had missed. It has to find the gap by its next poll.",
  reaches: ["gap_found"],
  fails: "gap-ignored",
  plan: {
    form: "lockproof-plan/1",
    scenario: "subscriber-deaf",
    why: "An instance that loses wake-ups, silently or with its subscription cut, finds every change by polling, and loads nothing whole.",
    property: "V4",
    topology: { instances: 2, nodes: 6, maxJobsPerNode: 1, partitions: 2, feedMax: 100000 },
    settings: {},
    network: [0.2, 1],
    eventually: { V3: { within: 1000 } },
    staleness: 300,
    duration: 410,
    actions: [
      { kind: "heartbeat", at: 405, instance: 1, node: "node-1" },
      { kind: "heartbeat", at: 407, instance: 1, node: "node-3" },
      { kind: "heartbeat", at: 409, instance: 1, node: "node-5" },
    ],
    faults: [
      {
        kind: "redis_blackhole",
        at: 400,
        lasts: 2,
        instances: [0],
        link: "feed",
        direction: "both",
        bytes: "lost",
      },
    ],
    draws: [{ stream: "instance 0 life 1 sweep", nth: 1, value: 1211072829 }],
  },
} satisfies Regression;
