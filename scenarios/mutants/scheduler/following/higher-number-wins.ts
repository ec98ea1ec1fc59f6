import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "higher-number-wins",
  origin:
    "a store that tells a smaller number is taken for one that lags, also where its epoch is another: after a failover that is the truth",
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
