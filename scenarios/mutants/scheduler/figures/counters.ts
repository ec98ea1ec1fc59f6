/** Wrong schedulers whose metrics do not say what happened: an event is left out, emitted twice, or says something else. */
import type { SchedulerMutant } from "../mutant.ts";

function mutant(
  id: string,
  origin: string,
  simulated: string,
  edit: SchedulerMutant["edits"][number],
): SchedulerMutant {
  return { id, origin, simulated, property: "M1", edits: [edit] };
}

export const counterMutants: readonly SchedulerMutant[] = [
  mutant("failed-calls-not-counted", "only what was answered is worth an event", "redis-gone", {
    file: "calls/calls.ts",
    find: `    this.#emit({ kind: "store_call", operation, partition, took, outcome: failure?.cause ?? "answered" });`,
    replace: `    if (failure === null) this.#emit({ kind: "store_call", operation, partition, took, outcome: "answered" });`,
  }),
  mutant(
    "probes-counted-as-changes",
    "a version check is a request for changes with limit 0, and is named like one",
    "redis-gone",
    {
      file: "following/follower.ts",
      find: `    const reply = await this.#changes("version_check", { limit: 0 });`,
      replace: `    const reply = await this.#changes("changes_since", { limit: 0 });`,
    },
  ),
  mutant(
    "reads-counted-twice",
    "an answer from the store is emitted where it is made and where it is given",
    "steady",
    {
      file: "reading/reads.ts",
      find: "    const answer = toAnswer(finding, clock.now(), mode.mode);\n",
      replace: `    const answer = toAnswer(finding, clock.now(), mode.mode);
    if (this.#ports.isWatched) this.#emitAnswered(node, answer, startedAt);
`,
    },
  ),
  mutant(
    "stale-reads-counted-as-fresh",
    "whether an answer is stale was added to the answer, and not to its event",
    "redis-gone",
    {
      file: "reading/reads.ts",
      find: '    emit({ kind: "answered", node: id, found, status, version, source, age_ms, stale, mode, took });',
      replace:
        '    emit({ kind: "answered", node: id, found, status, version, source, age_ms, stale: stale && false, mode, took });',
    },
  ),
  mutant("absorbed-misses-not-counted", "what costs no request is not counted", "steady", {
    file: "reading/reads.ts",
    find: `      emit({ kind: "miss_absorbed", node });\n`,
    replace: "",
  }),
];
