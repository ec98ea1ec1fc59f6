import type { Regression } from "./regression.ts";

export default {
  id: "read-overtaken",
  why: "A read put into the cache what it had found before it asked, over what had come meanwhile. A reply never replaces what is newer.",
  reaches: [],
  fails: "unconditional-cache",
  plan: {
    form: "lockproof-plan/1",
    scenario: "redis-slow",
    why: "A Redis that answers after 200 ms costs no reader more than 50 ms, and all agree again once it is fast.",
    property: "V2",
    topology: { instances: 1, nodes: 1, maxJobsPerNode: 2, partitions: 1, feedMax: 100000 },
    settings: {},
    network: [0.2, 1],
    eventually: { D3: { within: 1200 }, V3: { within: 1000 } },
    staleness: 300,
    duration: 7,
    actions: [
      { kind: "reserve", at: 1, instance: 0, node: "node-0", job: "job-5-0-11" },
      { kind: "read", at: 3, instance: 0, node: "node-0" },
      { kind: "select", at: 5, instance: 0 },
      { kind: "read", at: 6, instance: 0, node: "node-0" },
    ],
    faults: [],
    draws: [],
  },
} satisfies Regression;
