/** Wrong schedulers that say of a heartbeat in order that it was not. */
import type { SchedulerMutant } from "../mutant.ts";

export const heartbeatMutants: readonly SchedulerMutant[] = (["already", "stale"] as const).map(
  (kind): SchedulerMutant => ({
    id: `renewed-answered-as-${kind}`,
    origin: `one heartbeat in seven is answered ${kind}: its node sends another soon`,
    simulated: "node-churn",
    property: "N1",
    edits: [
      {
        file: "writing/writes.ts",
        find: `      return this.#send("heartbeat", follower, run, options);`,
        replace: `      const answer = this.#send("heartbeat", follower, run, options);
      return answer.then((made) =>
        made.kind === "renewed" && seq % 7 === 0 ? { kind: "${kind}", version: made.version } : made,
      );`,
      },
    ],
  }),
);
