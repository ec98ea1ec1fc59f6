/**
 * C1: expiry is spread. What is counted is taken down as the run goes on; the waves are found in it at the end, as in a recorded run. And so are the
 * choices among equal nodes, which no recorded run is judged by (choice-spread.ts).
 */
import { judgeExpirySpread as judgeRecorded } from "../../check/expiry-spread.ts";
import type { HistoryEvent } from "../../check/history.ts";
import type { Judgement } from "../../check/judgement.ts";
import type { Observation, ObservedChange } from "../../check/observation.ts";
import { toFeedEntry, toPort } from "../servers/protocol-values.ts";
import type { SimEvent, Stepped } from "../trace/events.ts";
import { ChoiceSpread } from "./choice-spread.ts";
import type { Case, OnlineJudge } from "./judge.ts";

export function judgeExpirySpread(theCase: Case): OnlineJudge {
  const history: HistoryEvent[] = [];
  const observations: Observation[] = [];
  const choices = new ChoiceSpread();
  const stepped = ({ after, at, changes, partition }: Stepped): void => {
    if (after.meta === null) return;
    const { epoch, sequence } = toPort(after.meta);
    for (const [index, change] of changes.entries()) {
      if (change.kind !== "registered" && change.kind !== "expired") continue;
      const told = sequence - changes.length + 1 + index;
      const seen = toFeedEntry({ sequence: told, change }).change as ObservedChange;
      observations.push({ kind: "entry", partition, at, epoch, sequence: told, change: seen });
    }
  };
  return {
    property: "C1",
    hears: ["stepped.but_polls", "returned", "settled.polls", "scheduler.mode_changed"],
    on(event: SimEvent): void {
      if (event.kind === "stepped") {
        if (event.changes.length > 0) stepped(event);
      } else if (event.kind === "returned") {
        if (event.call.op === "get_node") history.push(event.call);
        else if (event.call.op === "select_nodes") choices.on(event.call);
      } else if (event.kind === "settled") {
        const { at: to, deadline, from, instance, outcome, script } = event;
        if (script !== "changes_since") return;
        history.push({ kind: "store_call", instance, script, from, to, deadline, outcome });
      } else if (event.kind === "scheduler" && event.what.kind === "mode_changed") {
        const { cause, from, to } = event.what;
        history.push({ kind: "mode", at: event.at, instance: event.instance, from, to, cause });
      }
    },
    finish(): Judgement {
      const { budget, convergence, instances, plan, recovery, settings, staleness } = theCase;
      const { heartbeatTtl, l1Ttl, missTtl, ttlSpread } = settings;
      const terms = { heartbeatTtl, l1Ttl, missTtl, ttlSpread, feedMax: plan.scenario.topology.feedMax };
      const bounds = { budget, convergence, recovery, staleness };
      const spread = judgeRecorded({ side: "fault", history, observations, instances, bounds, terms });
      return withChoices(spread, choices);
    },
  };
}

function withChoices(spread: Judgement, { judged, violations }: ChoiceSpread): Judgement {
  const measures = [...spread.measures, { name: "choices_among_equals", value: judged }];
  if (violations.length === 0) return { ...spread, measures };
  const { reason: _, ...told } = spread;
  return { ...told, measures, verdict: "violated", violations: [...spread.violations, ...violations] };
}
