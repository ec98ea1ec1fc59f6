import type { Regression } from "./regression.ts";

export default {
  id: "wake-up-missed",
  why: "An instance whose feed was cut for a moment went on waiting to be told: the change that it had missed was never asked for. It has to find the gap by its next poll.",
  reaches: ["gap_found"],
  fails: "gap-ignored",
  plan: {
    form: "lockproof-plan/1",
    scenario: "subscriber-deaf",
    why: "An instance whose wake-ups are lost, without a word or with its subscription cut, learns of every change by asking, and loads nothing whole.",
    property: "V4",
    topology: { instances: 2, nodes: 6, maxJobsPerNode: 1, partitions: 2, feedMax: 100000 },
    settings: {},
    network: [0.2, 1],
    eventually: { V3: { within: 1000 } },
    staleness: 300,
    duration: 410,
    actions: [
      { kind: "heartbeat", at: 89, instance: 1, node: "node-5" },
      { kind: "heartbeat", at: 249, instance: 1, node: "node-5" },
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
    draws: [
      { stream: "instance 0 life 1 sweep", nth: 1, value: 1211072829 },
      { stream: "node-5", nth: 8, value: 2620873685 },
    ],
  },
} satisfies Regression;
