import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "unconditional-cache",
  origin:
    "a read puts into the cache what it had found before it asked, without comparing versions with what came meanwhile",
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
