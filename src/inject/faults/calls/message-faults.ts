/** Faults of single messages to subscribers, chosen on the hops of the instances that a fault names. */
import { type Fault, instancesOf } from "../../../../scenarios/declare/fault-kinds.ts";
import type { Hop } from "../../network/hop.ts";
import type { World } from "../../world.ts";
import { Beginning, type Placed, type Step, spanSteps, untilMet } from "../step.ts";
import { CommandLog } from "./command-log.ts";

type MessageFault = Extract<Fault, { readonly kind: "wake_up_dropped" }>;

/** In force from the first dropped message until the fault ends. Where no message came in time, the fault waits for one. */
export function messageSteps(placed: Placed<MessageFault>): readonly Step[] {
  const { fault, index, world } = placed;
  const { links, recorder } = world;
  const place = { fault: index, name: fault.kind, link: "feed" } as const;
  const set = instancesOf(fault, links.length).map((instance) => {
    const hops = hopsOf(world, instance);
    if (hops.length === 0) throw new Error(`instance ${instance} has no hop to drop messages on`);
    let seen = 0;
    const met = new Beginning();
    const dropped = { last: 0, count: 0 };
    const filter = (message: readonly string[]): boolean => {
      seen += 1;
      if (seen < fault.nth || seen >= fault.nth + fault.count) return false;
      const at = recorder.now();
      if (met.at === null)
        recorder.event({ kind: "fault", ...place, instance, step: "inject", cuts_off: false, asked: at, done: at });
      met.record(at);
      dropped.last = at;
      dropped.count += 1;
      recorder.event({ kind: "lost_wake_up", at, instance, version: textOf(message) });
      return true;
    };
    return { hops, instance, filter, met, dropped, log: new CommandLog(hops) };
  });
  const places = [`messages that faults[${index}] chooses`];
  return spanSteps(fault, places, {
    async inject() {
      for (const { filter, hops, log } of set) {
        log.begin();
        for (const hop of hops) hop.addFilter(filter);
      }
    },
    async heal() {
      await untilMet(world, () => set.some(({ met }) => met.at !== null));
      const at = recorder.now();
      for (const { dropped, filter, hops, instance, met, log } of set) {
        for (const hop of hops) hop.removeFilter(filter);
        if (met.at === null) {
          log.record(placed, instance);
          continue;
        }
        recorder.event({ kind: "fault", ...place, instance, step: "heal", cuts_off: false, asked: at, done: at });
        const seen = { from: met.at, to: dropped.last, met: dropped.count, seen_by: "hop" } as const;
        recorder.event({ kind: "in_force", ...place, instance, at, ...seen });
      }
    },
  });
}

/** A scheduler written elsewhere may subscribe on either of its connections. */
function hopsOf({ links, processes }: World, instance: number): readonly Hop[] {
  const feed = links[instance]?.feed.hops ?? [];
  const isElsewhere = processes[instance]?.inFlight !== undefined;
  return isElsewhere ? [...feed, ...(links[instance]?.commands.hops ?? [])] : feed;
}

/** A history is a text file: what others publish may be long. */
const longest = 200;

/** The published text: the last part of a message. */
function textOf(message: readonly string[]): string {
  return (message.at(-1) ?? "").slice(0, longest);
}
