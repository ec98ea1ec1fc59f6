/** The run of a plan as a timeline: it runs again, up to the event with which its property breaks. */

import type { PropertyId } from "../../check/properties.ts";
import { properties } from "../../check/properties.ts";
import type { Timeline } from "../../evidence/timeline.ts";
import { cutTimeline } from "../../evidence/timeline-cut.ts";
import { countText } from "../../evidence/words.ts";
import type { Plan } from "../plan/plan.ts";
import { type RunOptions, runPlan } from "../run/run.ts";
import type { Listener } from "../trace/bus.ts";
import { type SimEvent, simEventKinds } from "../trace/events.ts";
import { idleRequests } from "./quiet.ts";
import { TimelineBuilder } from "./timeline-events.ts";

export interface PictureOf {
  readonly plan: Plan;
  readonly property: PropertyId;
  readonly createScheduler?: RunOptions["createScheduler"] | undefined;
  readonly title: string;
  readonly token: string;
}

/** Events of a picture: the last ones before the property breaks. */
const mostEvents = 80;

/** @returns null where the plan does not break the property */
export async function pictureOf({
  createScheduler,
  plan,
  property,
  title,
  token,
}: PictureOf): Promise<Timeline | null> {
  const events: SimEvent[] = [];
  const recorder: Listener = { hears: simEventKinds, on: (event) => events.push(event) };
  const shared = { plan, properties: [property], createScheduler };
  const foundAfter = async (judgedEvents: number): Promise<string | undefined> => {
    const { judgements } = await runPlan({ ...shared, judgedEvents });
    return judgements.find((one) => one.property === property)?.violations[0]?.[0];
  };
  await runPlan({ ...shared, listeners: [recorder] });
  const found = await foundAfter(events.length);
  if (found === undefined) return null;
  const broken = await firstOf(events.length, async (count) => (await foundAfter(count)) === found);
  return draw(events.slice(0, broken), { found, property, title, token, plan });
}

/** The least count for which `isSo` holds. It must hold for `all`, and for every count above one for which it holds. */
export async function firstOf(all: number, isSo: (count: number) => Promise<boolean>): Promise<number> {
  let [without, enough] = [0, all];
  while (enough - without > 1) {
    const middle = Math.floor((without + enough) / 2);
    if (await isSo(middle)) enough = middle;
    else without = middle;
  }
  return enough;
}

function draw(
  events: readonly SimEvent[],
  { found, plan, property, title, token }: Omit<PictureOf, "createScheduler"> & { readonly found: string },
): Timeline {
  const quiet = idleRequests(events);
  const builder = new TimelineBuilder(quiet);
  // The picture begins with the load; calls that were in flight then are in it from there on.
  const begin = Math.max(
    0,
    events.findIndex((event) => event.kind === "phase" && event.name === "load"),
  );
  for (const event of events.slice(0, begin)) builder.skip(event);
  const before = builder.holdings();
  for (const event of events.slice(begin, -1)) builder.take(event);
  const last = events.at(-1);
  const broken = last === undefined ? null : builder.breakAt(last, "is compared with the store");
  const { actions, faults } = plan;
  return cutTimeline(
    {
      ...builder.build(),
      ...{ title, property, found, token, before, broken },
      claim: properties[property].claim,
      loop: null,
      pointOfNoReturn: {
        kind: "not_computed",
        why: "lockproof replay TOKEN --point-of-no-return draws the rest of the run anew, from several times on",
      },
      omitted: {
        count: begin + quiet.size,
        where: `before the load, and questions that brought nothing new; the plan has ${countText(faults.length, "fault")} and ${countText(actions.length, "action")}`,
      },
    },
    mostEvents,
  );
}
