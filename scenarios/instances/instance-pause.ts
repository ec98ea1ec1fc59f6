import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/**
 * One instance is stopped, as by a long collection of garbage, while its feed is cut, which stays so for a while after; then
 * both meet a slow Redis, then one's event loop is blocked in turns.
 */
export default scenario({
  name: "instance-pause",
  why: "An instance that was paused resumes without overwriting what happened meanwhile, and selects no node that has gone.",
  topology: { instances: 2, nodes: 8, maxJobsPerNode: 3, partitions: 2 },
  settings: {
    l1Ttl: seconds(1),
    missTtl: seconds(1),
    heartbeatTtl: seconds(2),
    pollInterval: ms(200),
    dwellMax: ms(500),
    sweepInterval: ms(100),
  },
  load: [
    { kind: "read", every: ms(10) },
    { kind: "select", every: ms(10) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "late_heartbeat", every: ms(60), from: ms(200) },
    { kind: "dispatch", every: ms(30), holds: ms(150) },
    { kind: "reserve", every: ms(50), holds: ms(150) },
    { kind: "go_offline", every: ms(300), from: ms(100), holds: ms(450), instances: [1] },
    { kind: "arrive", every: ms(350), from: ms(300), holds: ms(400), instances: [1] },
  ],
  faults: [
    { kind: "instance_pause", at: ms(500), lasts: ms(800), instances: [0] },
    // It has to find the changes of that time by itself.
    { kind: "redis_blackhole", at: ms(400), lasts: seconds(1.8), bytes: "lost", link: "feed", instances: [0] },
    { kind: "redis_latency", at: ms(2_400), lasts: ms(500), adds: ms(200) },
    { kind: "instance_slow", at: ms(4_000), lasts: ms(700), blocks: ms(60), every: ms(120), instances: [1] },
  ],
  always: ["J1", "J2", "L1", "V1", "V2", "V4", "N1", "N2", "N3", "S1", "S2", "F1", "D1", "D5", "D6", "B2"],
  sometimes: ["late_heartbeat_refused", "registered_again", "node_full", "degraded"],
  eventually: { V3: { within: seconds(1) }, D3: { within: seconds(0.8) } },
  duration: seconds(5.8),
});
