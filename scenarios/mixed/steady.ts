import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** The baseline of all other scenarios. */
export default scenario({
  name: "steady",
  why: "Without any fault no instance degrades, no reservation is refused while there is room, and every instance follows the store.",
  topology: { instances: 3, nodes: 20, maxJobsPerNode: 3, partitions: 2 },
  settings: { pulseInterval: ms(100), heartbeatTtl: seconds(6), missTtl: ms(500) },
  load: [
    { kind: "read", every: ms(250) },
    { kind: "read_missing", every: ms(400) },
    { kind: "select", every: ms(250) },
    { kind: "heartbeat", every: ms(300) },
    { kind: "dispatch", every: ms(350), holds: ms(1_500) },
    { kind: "reserve", every: ms(500), holds: ms(2_000) },
    { kind: "go_offline", every: seconds(5), holds: seconds(2) },
    { kind: "put_config", every: seconds(3) },
    { kind: "bad_heartbeat", every: seconds(2) },
  ],
  faults: [],
  always: ["J1", "J2", "V1", "V2", "N2", "S1", "S3", "S4", "P1", "F1", "C2", "B2", "H1", "M1"],
  sometimes: [
    ...(["node_full", "miss_absorbed", "registered_again", "impossible_metric_sent"] as const),
    ...(["selected_without_pool", "selected_by_configuration", "searched_several_pools"] as const),
    ...(["selected_by_services", "selected_hyphenated", "selected_none", "selected_one", "selected_at_most"] as const),
    ...(["lowest_health_selected", "highest_health_selected", "dispatched_without_pool"] as const),
    ...(["dispatch_found_none", "leased_as_asked", "attempts_as_asked", "aborted_before", "aborted_during"] as const),
    "configuration_stored",
  ],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(20),
});
