/** J2: a reserve never takes a node past its capacity. */
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import type { SimEvent, Stepped } from "../events.ts";
import { type OnlineJudge, Stories } from "./judge.ts";

export function judgeCapacity(): OnlineJudge {
  const stories = new Stories();
  let exercised = 0;
  return {
    property: "J2",
    hears: ["stepped"],
    on(event: SimEvent): void {
      if (event.kind !== "stepped") return;
      if (event.reply.kind === "full") exercised += 1;
      for (const change of event.changes) {
        if (change.kind === "reserved" || change.kind === "registered") look(event, change.node, stories);
      }
    },
    finish(): Judgement {
      const { premise } = properties.J2;
      return conclude({ property: "J2", premise, exercised, violations: stories.all });
    },
  };
}

function look({ after, at, command, instance, request }: Stepped, node: string, stories: Stories): void {
  const record = after.nodes.get(node);
  const held = Math.max(record?.currentJobs ?? 0, after.jobs.get(node)?.size ?? 0);
  if (record === undefined || held <= record.maxJobs) return;
  const job = "job" in command ? `${command.job} ` : "";
  stories.add(() => [
    `node ${node} holds ${held} jobs, allowed max_jobs ${record.maxJobs}`,
    `${command.kind} ${job}of instance ${instance} (request ${request}) at ${inMs(at)}`,
  ]);
}
