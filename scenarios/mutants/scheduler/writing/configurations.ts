/** Wrong schedulers that answer a `putConfig` otherwise than the store did, or put what their client did not ask for. */
import type { SchedulerMutant } from "../mutant.ts";

const inConfigurations = { simulated: "redis-gone", property: "L1" } as const;

export const configurationMutants: readonly SchedulerMutant[] = [
  {
    ...inConfigurations,
    id: "stored-said-to-conflict",
    origin: "the follower has heard of the new version by then, which is taken for that of another writer",
    edits: [
      {
        file: "writing/config-writer.ts",
        find: `follower.heard(answer.version, "put_config")) return answer;`,
        replace: `follower.heard(answer.version, "put_config"))
    return !isFailure(answer) && answer.kind === "stored" ? { ...answer, kind: "conflict" } : answer;`,
      },
    ],
  },
  {
    ...inConfigurations,
    id: "conflict-overwritten",
    origin: "the last writer wins: after a conflict the configuration is put again, in place of the one that is stored",
    edits: [
      {
        file: "writing/config-writer.ts",
        find: `follower.heard(answer.version, "put_config")) return answer;`,
        replace: `follower.heard(answer.version, "put_config"))
    return !isFailure(answer) && answer.kind === "conflict" && answer.config !== null
      ? putConfig({ store, calls, follower }, config, answer.config, options)
      : answer;`,
      },
    ],
  },
];
