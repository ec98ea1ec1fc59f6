import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "unconditional-cache",
  origin: "a read caches its answer without comparing versions with changes that came meanwhile",
  scenario: "redis-slow",
  simulated: "close-quarters",
  property: "V2",
  edits: [
    {
      file: "reading/reads.ts",
      find: "    const caughtUp = await follower.refresh();",
      replace: `    const found = follower.view.get(node);
    const caughtUp = await follower.refresh();
    if (caughtUp.kind === "current" && found !== undefined) {
      this.#ports.caches.keep(follower.partition, found, follower.confirmedAt);
      return { node: found, source: "l2", knownAt: follower.confirmedAt, stale: false };
    }`,
    },
  ],
} satisfies SchedulerMutant;
