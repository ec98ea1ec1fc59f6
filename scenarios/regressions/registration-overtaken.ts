import type { Regression } from "./regression.ts";

export default {
  id: "registration-overtaken",
  why: "A registration that a later one overtakes begins an incarnation without a process (found by exploring the system model). The node's next heartbeat has to be refused as one of a former incarnation, and the node registers once more.",
  reaches: ["registered_again"],
  fails: "former-life-adopted",
  plan: {
    form: "lockproof-plan/1",
    scenario: "commands-overtaken",
    why: "A command that takes longer than its caller waits arrives after later commands, and its incarnation has no process.",
    property: "N1",
    topology: { instances: 2, nodes: 2, maxJobsPerNode: 1, partitions: 1, feedMax: 1_000 },
    settings: {},
    network: [0.2, 1],
    eventually: { V3: { within: 1_000 } },
    staleness: 300,
    duration: 600,
    actions: [
      { kind: "impersonate", at: 20, instance: 1, node: "node-0", name: "overtaken" },
      { kind: "go_offline", at: 40, instance: 0, node: "node-0", absence: "a" },
      { kind: "come_back", at: 60, instance: 0, node: "node-0", absence: "a" },
      { kind: "heartbeat", at: 300, instance: 0, node: "node-0" },
      { kind: "heartbeat", at: 350, instance: 0, node: "node-0" },
      { kind: "late_heartbeat", at: 400, instance: 0, node: "node-0" },
      { kind: "late_heartbeat", at: 420, instance: 0, node: "node-0" },
    ],
    faults: [
      { kind: "command_delayed", at: 10, lasts: 400, instances: [1], script: "register_node", nth: 1, adds: 200 },
    ],
    draws: [],
  },
} satisfies Regression;
