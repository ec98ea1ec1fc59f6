/** Wrong schedulers that rely on their Redis client to end calls, or that answer without having asked. */
import type { SchedulerMutant } from "../mutant.ts";

function mutant(
  id: string,
  origin: string,
  { property = "K3", simulated = "broken-client" }: Partial<Pick<SchedulerMutant, "property" | "simulated">>,
  ...edits: SchedulerMutant["edits"]
): SchedulerMutant {
  return { id, origin, simulated, property, edits };
}

export const ownDeadlineMutants: readonly SchedulerMutant[] = [
  mutant(
    "waits-for-its-client",
    "the Redis client has timeouts, so that a call needs none of its own",
    {},
    {
      file: "calls/calls.ts",
      find: "const late = this.#deadlines.set(deadline + this.#settings.deadlineGrace, giveUp);",
      replace: "const late = this.#deadlines.set(10_000, giveUp);",
    },
  ),
  mutant(
    "only-the-first-deadline",
    "the deadline that is set first is waited for, and the others are forgotten",
    {},
    {
      file: "calls/deadlines.ts",
      find: "      oldest.expire();\n",
      replace: "      oldest.expire();\n      return;\n",
    },
  ),
  mutant(
    "asks-in-vain",
    "a lookup waits for an answer, and asks only where it is the first of its instance",
    { property: "D5" },
    {
      file: "reading/reads.ts",
      find: "      this.#consult(node, follower).then(",
      replace: "      new Promise<Finding | null>(() => {}).then(",
    },
  ),
  mutant(
    "missing-by-the-view",
    "the view has every node, so that the store need not be asked for one",
    { property: "D5" },
    {
      file: "reading/reads.ts",
      find: "    if (follower.view.get(node) === undefined) {\n",
      replace: "    if (follower.view.get(node) === null) {\n",
    },
  ),
  mutant(
    "home-forgotten",
    "where a job has its place is remembered only while that is uncertain",
    { property: "S5", simulated: "odd-arguments" },
    {
      file: "selection/dispatch.ts",
      find: "    this.#remember(job, node, true, answer.version);\n",
      replace: "    this.#forget(job);\n",
    },
  ),
  mutant(
    "ended-job-remembered",
    "a job that has ended is dispatched where it was before",
    { property: "S1", simulated: "odd-arguments" },
    {
      file: "scheduler.ts",
      find: '    if (answer.kind === "completed") this.#dispatcher.ended(node, job);\n',
      replace: "",
    },
  ),
];
