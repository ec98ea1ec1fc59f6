import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

export default scenario({
  name: "commands-overtaken",
  why: "Calls that arrive late, twice, or after later calls, and wake-ups that never arrive, are not taken for new ones.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
  settings: { l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(5) },
    { kind: "select", every: ms(20) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "late_heartbeat", every: ms(90), from: ms(300) },
    { kind: "dispatch", every: ms(25), holds: ms(150) },
    { kind: "reserve", every: ms(40), holds: ms(120) },
    { kind: "go_offline", every: ms(500), from: ms(300), holds: ms(300) },
  ],
  faults: [
    {
      ...{ kind: "command_delayed", at: ms(400), lasts: ms(400), instances: [0] },
      ...{ script: "reserve_job", nth: 2, adds: ms(120) },
    },
    { kind: "command_repeated", at: ms(600), lasts: ms(400), instances: [1], script: "complete_job", nth: 2 },
    { kind: "wake_up_dropped", at: ms(800), lasts: ms(500), instances: [1], nth: 3, count: 8 },
    { kind: "command_held", at: ms(1_900), lasts: ms(600), instances: [0], script: "reserve_job", nth: 2 },
    { kind: "command_held", at: ms(2_100), lasts: ms(600), instances: [1], script: "heartbeat", nth: 2 },
    { kind: "command_repeated", at: ms(2_800), lasts: ms(300), instances: [0], script: "reserve_job", nth: 1 },
    { kind: "command_repeated", at: ms(3_200), lasts: ms(600), instances: [1], script: "register_node", nth: 1 },
    { kind: "redis_latency", at: ms(3_400), lasts: ms(500), adds: ms(8) },
  ],
  always: ["D1", "D5", "D6", "J1", "J2", "V1", "V2", "V4", "F1", "N1", "K3", "S1", "S5", "B2", "L1"],
  sometimes: ["gap_found", "node_full"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(4.5),
});
