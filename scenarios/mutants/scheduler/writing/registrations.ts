/** Wrong schedulers that let a registration replace an incarnation that its caller did not know, or offer what its caller did not. */
import type { SchedulerMutant } from "../mutant.ts";

const inDuplicates = { scenario: "duplicate-id", simulated: "duplicate-id", property: "N1" } as const;

export const registrationMutants: readonly SchedulerMutant[] = [
  {
    id: "one-pool-registered",
    origin: "a node was once in one pool, and only that one is sent",
    simulated: "random-nemesis",
    property: "L1",
    edits: [
      {
        file: "input.ts",
        find: `    pools: checkIds("pools", offer.pools, maxIds),`,
        replace: `    pools: checkIds("pools", offer.pools, maxIds).slice(0, 1),`,
      },
    ],
  },
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
