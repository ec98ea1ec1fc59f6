import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "higher-number-wins",
  origin:
    "a store that answers a smaller version is taken for a lagging one, even in another epoch: after a failover its answer is right",
  scenario: "failover-loses-writes",
  simulated: "random-nemesis",
  property: "D4",
  edits: [
    {
      file: "following/follower.ts",
      find: '    if (compareVersions(version, held) !== "older") return null;',
      replace: `    const isBehind = version.sequence < held.sequence;
    if (!isBehind) return null;`,
    },
  ],
} satisfies SchedulerMutant;
