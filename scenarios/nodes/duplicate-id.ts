import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** As after a copied configuration, or a host that came back while its replacement was already there. */
export default scenario({
  name: "duplicate-id",
  why: "Two processes under one node id never share an incarnation: the one that registered last has it, the other one's heartbeats are refused, and it can replace only what it knows.",
  gate: "systems", // no other of theirs registers a node that is there, which our own meets in simulation
  topology: { instances: 3, nodes: 6, maxJobsPerNode: 2, partitions: 2 },
  settings: { heartbeatTtl: seconds(1), sweepInterval: ms(200) },
  load: [
    { kind: "select", every: ms(60) },
    { kind: "read", every: ms(60) },
    { kind: "heartbeat", every: ms(50) },
    { kind: "impersonate", every: ms(500), holds: ms(800) },
    { kind: "repeat_heartbeat", every: ms(200) },
    { kind: "late_goodbye", every: ms(350), from: ms(500) },
    { kind: "dispatch", every: ms(70), holds: ms(250) },
    { kind: "reserve", every: ms(90), holds: ms(250) },
  ],
  faults: [
    {
      kind: "reply_lost",
      at: seconds(1),
      lasts: ms(500),
      instances: [0],
      script: "register_node",
      nth: 1,
      connection: "cut",
    },
    { kind: "redis_latency", at: seconds(2.5), lasts: seconds(1), adds: ms(6), direction: "both" },
  ],
  always: ["J1", "J2", "V1", "V2", "N1", "S1", "P1", "F1"],
  sometimes: ["registered_again", "registration_conflict", "late_heartbeat_refused"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(5),
});
