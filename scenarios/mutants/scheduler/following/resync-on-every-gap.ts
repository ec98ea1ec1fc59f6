import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "resync-on-every-gap",
  origin:
    "an instance that has missed a change loads everything again: simple, correct, and too expensive with many nodes",
  scenario: "subscriber-deaf",
  simulated: "random-nemesis",
  property: "P1",
  edits: [
    {
      file: "following/follower.ts",
      find: `    if (version.sequence > after) emit({ kind: "gap_found", partition, after, to: version.sequence, by: "poll" });`,
      replace: `    if (version.sequence > after) this.#distrust("trimmed");`,
    },
  ],
} satisfies SchedulerMutant;
