import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Each delayed question keeps back what follows it on its connection too, for little longer than a read may take: only the question is late. */
const late = { kind: "command_delayed", lasts: ms(200), script: "changes_since", nth: 1, adds: ms(26) } as const;

export default scenario({
  name: "late-reads",
  why: "One read that is late stops no write: the store answers everything else. Silence does.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 4, partitions: 2 },
  settings: { pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(20) },
    { kind: "select", every: ms(40) },
    { kind: "heartbeat", every: ms(20) },
    { kind: "dispatch", every: ms(20), holds: ms(150) },
    { kind: "reserve", every: ms(25), holds: ms(120) },
  ],
  faults: [
    { ...late, at: ms(500), instances: [0] },
    { ...late, at: ms(1_200), instances: [1] },
    { ...late, at: ms(1_900), instances: [0] },
    { ...late, at: ms(2_600), lasts: ms(80), instances: [1] },
    // By then it is degraded: its first probe is late too, after writes that were answered.
    { ...late, at: ms(2_680), instances: [1] },
    { ...late, at: ms(3_300), lasts: ms(80), instances: [0] },
    { ...late, at: ms(3_380), instances: [0] },
    { kind: "redis_blackhole", at: ms(5_000), lasts: ms(400), bytes: "held" },
    { ...late, at: ms(6_700), instances: [0, 1] },
  ],
  always: ["D1", "D2", "D5", "D6", "J1", "J2", "V1", "V2", "K3", "S1", "S5", "L1"],
  sometimes: ["degraded", "answered_from_l2"],
  eventually: { V3: { within: seconds(1) }, D3: { within: seconds(0.9) } },
  duration: seconds(8.2),
});
