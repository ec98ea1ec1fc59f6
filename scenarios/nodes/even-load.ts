import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Bursts: each instance dispatches several jobs before its view shows the first, and all instances have the same view as they begin. */
export default scenario({
  name: "even-load",
  why: "Jobs that come at once spread over the nodes by health and load, though no instance knows of the others' and a view shows no job of the burst.",
  topology: { instances: 4, nodes: 6, maxJobsPerNode: 8, partitions: 2, pools: 1, languages: 1, services: 1 },
  network: [2, 4],
  load: [
    { kind: "heartbeat", every: ms(300) },
    { kind: "select", every: ms(25) },
    { kind: "dispatch", every: ms(0.8), from: ms(500), until: ms(504), holds: ms(300) },
    { kind: "dispatch", every: ms(0.8), from: ms(1_100), until: ms(1_104), holds: ms(300) },
    { kind: "dispatch", every: ms(0.8), from: ms(1_700), until: ms(1_704), holds: ms(300) },
    { kind: "dispatch", every: ms(0.8), from: ms(2_300), until: ms(2_304), holds: ms(300) },
    { kind: "dispatch", every: ms(0.8), from: ms(2_900), until: ms(2_904), holds: ms(300) },
    { kind: "dispatch", every: ms(0.8), from: ms(3_500), until: ms(3_504), holds: ms(300) },
    { kind: "dispatch", every: ms(0.8), from: ms(4_100), until: ms(4_104), holds: ms(300) },
    { kind: "dispatch", every: ms(0.8), from: ms(4_700), until: ms(4_704), holds: ms(300) },
    // At last all places are asked for by name, so that some are refused.
    { kind: "reserve", every: ms(2), from: ms(4_850), until: ms(4_900), holds: ms(90) },
  ],
  faults: [],
  always: ["J1", "J2", "V1", "S1", "S2", "S3", "S5"],
  duration: seconds(5),
});
