import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "no-resync-after-reconnect",
  origin:
    "after a reconnect the follower continues from its old position; a store in a new epoch has no changes after it",
  scenario: "redis-gone",
  simulated: "random-nemesis",
  property: "V3",
  edits: [
    {
      file: "following/follower.ts",
      find: `    if (reply.kind === "resync" || version.epoch !== held.epoch) {`,
      replace: `    if (reply.kind === "resync" && version.epoch !== held.epoch) {
      this.#confirm(sentAt);
      return { kind: "current" };
    }
    if (reply.kind === "resync" || version.epoch !== held.epoch) {`,
    },
  ],
} satisfies SchedulerMutant;
