import type { Planted } from "../planted.ts";

export default {
  id: "resync-on-every-gap",
  origin: "whoever finds that something was missed loads everything again: simple, right, and ruinous with many nodes",
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
} satisfies Planted;
