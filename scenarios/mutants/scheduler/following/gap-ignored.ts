import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "gap-ignored",
  origin:
    "the poll only asks whether Redis is there; changes are taken when they have been announced, and a lost wake-up announces nothing",
  scenario: "subscriber-deaf",
  simulated: "random-nemesis",
  property: "V4",
  edits: [
    {
      file: "following/follower.ts",
      find: '    if (!this.#apply(reply.entries, isWhole ? sentAt : null)) return "more";',
      replace: `    if (version.sequence > this.#announcements.furthest(held)) {
      this.#confirm(sentAt);
      return { kind: "current" };
    }
    if (!this.#apply(reply.entries, isWhole ? sentAt : null)) return "more";`,
    },
  ],
} satisfies SchedulerMutant;
