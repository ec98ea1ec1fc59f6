import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Instance 0 writes nothing, so that no reply to a write shows it what it has missed. */
export default scenario({
  name: "subscriber-deaf",
  why: "An instance that loses wake-ups, silently or with its subscription cut, finds every change by polling, and loads nothing whole.",
  topology: { instances: 2, nodes: 8, maxJobsPerNode: 3, partitions: 2 },
  load: [
    { kind: "select", every: ms(10) },
    { kind: "heartbeat", every: ms(40), instances: [1] },
    { kind: "dispatch", every: ms(20), holds: ms(150), instances: [1] },
    { kind: "go_offline", every: ms(400), holds: ms(500), instances: [1] },
  ],
  faults: [
    { kind: "redis_blackhole", at: ms(400), lasts: ms(700), bytes: "lost", link: "feed", instances: [0] },
    { kind: "redis_refused", at: ms(1_700), lasts: ms(500), link: "feed", instances: [0] },
  ],
  always: ["V4", "S1", "P1", "N2", "F1", "V2", "B2"],
  sometimes: ["gap_found"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(2.7),
});
