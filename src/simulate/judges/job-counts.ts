/** J1: `current_jobs` is the number of live reservations, never negative. */
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import type { SimEvent, Stepped } from "../trace/events.ts";
import { type OnlineJudge, Stories } from "./judge.ts";

export function judgeJobCounts(): OnlineJudge {
  const stories = new Stories();
  let exercised = 0;
  return {
    property: "J1",
    hears: ["stepped.but_polls"],
    on(event: SimEvent): void {
      if (event.kind !== "stepped") return;
      for (const change of event.changes) {
        if (change.kind === "config") continue;
        if ("currentJobs" in change) exercised += 1;
        look(event, change.node, stories);
      }
      if (event.changes.length === 0 && "node" in event.command) look(event, event.command.node, stories);
    },
    finish(): Judgement {
      const { premise } = properties.J1;
      return conclude({ property: "J1", premise, exercised, violations: stories.all });
    },
  };
}

/** Of the one node that the step is about. */
function look({ after, at, command, request }: Stepped, node: string, stories: Stories): void {
  const record = after.nodes.get(node);
  const jobs = after.jobs.get(node)?.size ?? 0;
  const counted = record?.currentJobs ?? 0;
  if (counted === jobs && counted >= 0) return;
  stories.add(() => [
    `node ${node} has current_jobs ${counted} with ${jobs} reservations, allowed only equal`,
    `${command.kind} (request ${request}) at ${inMs(at)}`,
  ]);
}
