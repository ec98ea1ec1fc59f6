/** Wrong schedulers that let a registration replace an incarnation that its caller did not know. */
import type { SchedulerMutant } from "../mutant.ts";

const inDuplicates = { scenario: "duplicate-id", simulated: "duplicate-id", property: "N1" } as const;

export const registrationMutants: readonly SchedulerMutant[] = [
  {
    ...inDuplicates,
    id: "expectation-of-the-view",
    origin: "the instance knows better than its caller which incarnation there is",
    edits: [
      {
        file: "writing/writes.ts",
        find: "  if (given === undefined) return held?.incarnation ?? null;",
        replace: "  if (given === undefined || held !== undefined) return held?.incarnation ?? null;",
      },
    ],
  },
  {
    ...inDuplicates,
    id: "conflict-overridden",
    origin: "a conflict is a detail: the registration is repeated for whichever incarnation there is",
    edits: [
      {
        file: "writing/writes.ts",
        find: `    return this.#send("register_node", follower, run, options);`,
        replace: `    return this.#send("register_node", follower, run, options).then((answer) =>
      answer.kind === "conflict"
        ? this.registerNode({ ...request, registration, expected: answer.incarnation }, options)
        : answer,
    );`,
      },
    ],
  },
];
