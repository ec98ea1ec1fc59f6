import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "no-miss-mark",
  origin: "only nodes that were found are cached, so every read of a missing node reaches Redis",
  scenario: "penetration",
  simulated: "random-nemesis",
  property: "C2",
  edits: [{ file: "reading/reads.ts", find: "caches.mark(partition, node, sentAt);", replace: "" }],
} satisfies SchedulerMutant;
