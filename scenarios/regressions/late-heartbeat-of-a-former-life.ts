import type { Regression } from "./regression.ts";

export default {
  id: "late-heartbeat-of-a-former-life",
  why: "A heartbeat that the network had delayed since the former incarnation was forwarded for the present one, and was accepted. It has to be refused.",
  reaches: ["registered_again", "late_heartbeat_refused"],
  fails: "former-life-adopted",
  plan: {
    form: "lockproof-plan/1",
    scenario: "node-churn",
    why: "Nodes come, go, fall silent and come back, and are looked up before they exist; no instance selects one that is gone, and every instance sees one that is there.",
    property: "N1",
    topology: { instances: 1, nodes: 1, maxJobsPerNode: 1, partitions: 1, feedMax: 100000 },
    settings: { heartbeatTtl: 500 },
    network: [0.2, 1],
    eventually: {},
    staleness: 300,
    duration: 2_451,
    actions: [
      { kind: "late_heartbeat", at: 206, instance: 0, node: "node-0" },
      { kind: "heartbeat", at: 2_444, instance: 0, node: "node-0" },
      { kind: "late_heartbeat", at: 2_450, instance: 0, node: "node-0" },
    ],
    faults: [],
    draws: [],
  },
} satisfies Regression;
