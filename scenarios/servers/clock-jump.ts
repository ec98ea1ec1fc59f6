import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Forward, everything is past its time at once; back, nothing is for a while. No instance's own clock is asked. */
export default scenario({
  name: "clock-jump",
  why: "A jump of the server's clock expires no node that sends heartbeats, and breaks neither counts, nor versions, nor the agreement of instances.",
  topology: { instances: 2, nodes: 8, maxJobsPerNode: 2, partitions: 2 },
  settings: { heartbeatTtl: seconds(3), sweepInterval: ms(200), lease: seconds(4), retention: seconds(20) },
  load: [
    { kind: "select", every: ms(60) },
    { kind: "read", every: ms(60) },
    { kind: "heartbeat", every: ms(60) },
    { kind: "dispatch", every: ms(80), holds: ms(400) },
    { kind: "late_heartbeat", every: ms(200) },
    { kind: "go_offline", every: ms(900), holds: ms(500) },
    { kind: "reserve", every: ms(60), holds: ms(400) },
  ],
  faults: [
    { kind: "clock_jump", at: seconds(2), by: seconds(60) },
    { kind: "clock_jump", at: seconds(4), by: -seconds(90) },
    { kind: "clock_jump", at: seconds(6), by: seconds(30) },
  ],
  always: ["N4", "J1", "J2", "V1", "V2", "N1", "N2", "S1", "F1"],
  sometimes: ["registered_again"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(8),
});
