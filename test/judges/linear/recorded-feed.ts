/** The changes of one node as an observer saw them, and the judgement of L1 on calls that explain them. */
import type { Trial } from "../../../src/check/judgement.ts";
import type { Observation } from "../../../src/check/observed/observation.ts";
import { judgeLinearizability } from "../../../src/judges/linear/linearizability.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { dump, entry, job, registered, seenAt, trialOf } from "../../check/trials.ts";

/** Registered before the load began; then job a comes and goes, and comes to stay as b. */
export const feed: readonly Observation[] = [
  { ...dump(0, []), at: -5 },
  seenAt(-4, entry(1, registered())),
  seenAt(25, entry(2, job("reserved", "a", 1))),
  seenAt(45, entry(3, job("completed", "a", 0))),
  seenAt(65, entry(4, job("reserved", "b", 1))),
];

export const judged = (history: Trial["history"], observations = feed) =>
  judgeRecorded(judgeLinearizability, trialOf({ history, observations, instances: 2 }));
