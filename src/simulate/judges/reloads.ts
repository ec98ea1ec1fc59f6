/** P1: pool members are followed incrementally: no full reload without an epoch change or a trimmed feed. */
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import type { Version } from "../../scheduler/ports.ts";
import type { Sent, SimEvent, Stepped } from "../trace/events.ts";
import { type Case, type OnlineJudge, Stories } from "./judge.ts";
import { type Scene, viewText } from "./scene.ts";

type Reason = "cold_start" | "epoch" | "trim";

const ofMembers: ReadonlySet<string> = new Set(["registered", "offline", "expired", "removed"]);

export function judgeReloads(theCase: Case, scene: Scene): OnlineJudge {
  const stories = new Stories();
  const { feedMax } = theCase.plan.scenario.topology;
  const counts: Record<Reason, number> = { cold_start: 0, epoch: 0, trim: 0 };
  let followed = 0;
  const reasonFor = (partition: number, instance: number, view: Version | null): Reason | null => {
    if (view === null) return "cold_start";
    const line = scene.followedBy(instance, partition);
    if (line === undefined || line.epoch !== view.epoch) return "epoch";
    return line.last > view.sequence + feedMax ? "trim" : null;
  };
  const sent = ({ at, instance, question, request }: Sent): void => {
    if (question.kind !== "nodes" || question.asked.kind !== "snapshot") return;
    const { partition } = question;
    if (question.asked.limit === 0 || question.asked.after !== "") return;
    const view = scene.view(instance, partition);
    const reason = reasonFor(partition, instance, view);
    if (reason !== null) {
      counts[reason] += 1;
      return;
    }
    stories.add(() => [
      `instance ${instance} loaded partition ${partition} whole, allowed only after an epoch change or a trimmed feed`,
      `request ${request} at ${inMs(at)}; its view was at ${viewText(view)}, the store at ${scene.followedBy(instance, partition)?.last}, and the feed keeps ${feedMax}`,
    ]);
  };
  const stepped = ({ changes, partition, server }: Stepped): void => {
    const members = changes.filter(({ kind }) => ofMembers.has(kind)).length;
    const epoch = members === 0 ? undefined : scene.truth.current(server, partition)?.epoch;
    if (epoch === undefined) return;
    for (let instance = 0; instance < theCase.instances; instance += 1) {
      if (scene.view(instance, partition)?.epoch === epoch) followed += members;
    }
  };
  return {
    property: "P1",
    hears: ["sent.but_polls", "stepped.but_polls"],
    on(event: SimEvent): void {
      if (event.kind === "sent") sent(event);
      else if (event.kind === "stepped" && event.changes.length > 0) stepped(event);
    },
    finish(): Judgement {
      const { premise } = properties.P1;
      return conclude({
        property: "P1",
        premise,
        exercised: followed,
        violations: stories.all,
        measures: [
          { name: "reloads_after_epoch_change", value: counts.epoch },
          { name: "reloads_after_trim", value: counts.trim },
          { name: "reloads_without_cause", value: stories.count, threshold: 0 },
        ],
      });
    },
  };
}
