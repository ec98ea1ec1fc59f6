/** Mutants of what a reserve says of the jobs that its node had finished when the place was first asked for. */
import type { SchedulerMutant } from "../mutant.ts";

const unseen =
  "a reserve is repeated within the deadlines of its dispatch, in which its job can neither run nor be forgotten. The scheduler's own tests kill it: a late reserve";

const inFirstAsked = (
  fields: Pick<SchedulerMutant, "id" | "origin" | "simulated"> & Partial<Pick<SchedulerMutant, "unseen">>,
  find: string,
  replace: string,
): SchedulerMutant => ({
  ...{ property: "J3", ...fields },
  edits: [{ file: "writing/first-asked.ts", find, replace }],
});

export const lateReserveMutants: readonly SchedulerMutant[] = [
  inFirstAsked(
    {
      id: "always-sees-all",
      origin: "every reserve counts as one of now, so that a late one is taken once its job is forgotten",
      simulated: "late-reserves",
    },
    "let seen = before ?? known ?? 0;",
    "let seen = (before ?? known ?? 0) + 1_000_000;",
  ),
  inFirstAsked(
    {
      id: "repetition-sees-anew",
      origin: "a repetition says what the instance knows by then",
      ...{ simulated: null, unseen },
    },
    "let seen = before ?? known ?? 0;",
    "let seen = known ?? before ?? 0;",
  ),
  inFirstAsked(
    {
      id: "asks-anew-in-doubt",
      origin: "a refusal is answered with a new request, also where the first one may have been granted",
      ...{ simulated: null, unseen },
    },
    'if (answer.kind === "finished_unknown" && !isOpen && !isRepeated) {',
    'if (answer.kind === "finished_unknown") {',
  ),
];
