/** Wrong schedulers whose modes are not as documented, or whose answers say of themselves what is not so. */
import type { SchedulerMutant } from "../mutant.ts";

const inDefaults = { simulated: "default-settings", property: "D5" } as const;
const inNemesis = { simulated: "random-nemesis", property: "D5" } as const;

export const modeMutants: readonly SchedulerMutant[] = [
  {
    ...inDefaults,
    id: "local-only-never",
    origin: "the third mode is declared, and nothing leads to it",
    edits: [
      {
        file: "mode/mode.ts",
        find: `  return state.mode === "local_only" ? state : { ...state, mode: "local_only", since: at, cause };`,
        replace: `  return state.mode === "l2_only" && at > 0 ? state : { ...state, mode: "local_only", since: at, cause };`,
      },
    ],
  },
  {
    id: "old-content-not-reported",
    origin: "the TTL of what is held is kept for each partition, and never read",
    simulated: "old-content",
    property: "D5",
    edits: [
      {
        file: "mode/supervisor.ts",
        find: `    if (expired) mode.report({ kind: "l2_expired" });`,
        replace: `    if (expired && now < 0) mode.report({ kind: "l2_expired" });`,
      },
    ],
  },
  {
    ...inDefaults,
    id: "local-only-at-once",
    origin: "the first failed probe is taken for a Redis that is gone",
    edits: [
      {
        file: "mode/mode.ts",
        find: "      return at - state.lastAnswerAt >= settings.localOnlyAfter ? ",
        replace: "      return at - state.lastAnswerAt >= settings.localOnlyAfter / 5 ? ",
      },
    ],
  },
  {
    ...inNemesis,
    id: "mode-always-normal",
    origin: "the mode of an answer is what the instance began with",
    edits: [
      {
        file: "reading/reads.ts",
        find: "    const answer = toAnswer(finding, clock.now(), mode.mode);",
        replace: `    const answer = toAnswer(finding, clock.now(), mode.isNormal ? mode.mode : "normal");`,
      },
    ],
  },
  {
    ...inNemesis,
    id: "redis-without-a-request",
    origin: "an answer from the view is said to be from Redis, since Redis had confirmed it once",
    edits: [
      {
        file: "reading/reads.ts",
        find: `  const source = record === undefined ? "none" : "l2";`,
        replace: `  const source = record === undefined ? "none" : "redis";`,
      },
    ],
  },
  {
    ...inNemesis,
    id: "confirmed-by-nothing",
    origin: "while Redis is away what is held is all there is, so it is not stale",
    edits: [
      {
        file: "selection/select.ts",
        find: "  if (!isOpen() || !mode.isNormal) return false;",
        replace: "  if (!isOpen() || (!mode.isNormal && now < 0)) return false;",
      },
    ],
  },
  {
    id: "loads-unnoticed",
    simulated: "close-quarters",
    property: "D5",
    origin: "only the mode says whether a selection is current, not a partition that is being loaded anew",
    edits: [
      {
        file: "selection/select.ts",
        find: "isTrusted && confirmedAt >= since);",
        replace: "(isTrusted || since < now) && confirmedAt >= since);",
      },
    ],
  },
  {
    ...inNemesis,
    id: "always-stale",
    origin: "an answer says that it may be stale, to be on the safe side",
    edits: [
      {
        file: "reading/reads.ts",
        find: `    return { node: record, source: "l2", knownAt: follower.confirmedAt, stale: false };`,
        replace: `    return { node: record, source: "l2", knownAt: follower.confirmedAt, stale: true };`,
      },
    ],
  },
  {
    ...inDefaults,
    id: "older-than-it-is",
    origin: "ages are rounded up to whole seconds",
    edits: [
      {
        file: "reading/reads.ts",
        find: "age_ms: Math.max(0, now - knownAt), stale",
        replace: "age_ms: Math.ceil(Math.max(0, now - knownAt) / 1_000) * 1_000, stale",
      },
    ],
  },
  {
    ...inDefaults,
    id: "misses-just-now",
    origin: "the age of a mark counts from when the answer came, not from when it was asked for: our own mistake",
    edits: [
      {
        file: "reading/reads.ts",
        find: "      caches.mark(partition, node, sentAt);",
        replace: "      caches.mark(partition, node, this.#ports.clock.now());",
      },
    ],
  },
];
