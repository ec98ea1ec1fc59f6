/** Four tests for each judge of the simulator: no data, half of the data, a system that lies, a fault that was not in force. None may say `held`. */
import { beforeAll, describe, expect, it } from "vitest";
import { boundsOf } from "../../../scenarios/declare/bounds.ts";
import { findScenario } from "../../../scenarios/registry.ts";
import type { Judgement } from "../../../src/check/judgement.ts";
import type { PropertyId } from "../../../src/check/properties.ts";
import { judges } from "../../../src/judges/registry.ts";
import { resolveSettings } from "../../../src/scheduler/settings.ts";
import type { Case } from "../../../src/simulate/judges/case.ts";
import { Panel } from "../../../src/simulate/judges/panel.ts";
import { type Plan, planOf } from "../../../src/simulate/plan/plan.ts";
import { runPlan } from "../../../src/simulate/run/run.ts";
import { Bus } from "../../../src/simulate/trace/bus.ts";
import { type SimEvent, simEventKinds } from "../../../src/simulate/trace/events.ts";
import { Ears } from "../small.ts";
import { type Events, lies } from "./lies.ts";

interface Recorded {
  readonly plan: Plan;
  readonly events: Events;
}

/** Where each is exercised and held. */
const usual = "close-quarters 6";
const elsewhere: Readonly<Record<string, string>> = {
  D2: "redis-gone 1",
  D3: "redis-gone 1",
  C1: "avalanche 1",
  S3: "avalanche 1",
  S4: "steady 1",
  K5: "overload 1",
  M1: "steady 1",
  K6: "rolling-update 1",
  K7: "odd-arguments 1",
  N4: "redis-gone-long 1",
  N2: "node-churn 1",
};
const properties = Object.keys(judges) as readonly PropertyId[];
const runs = new Map<string, Recorded>();

function runOf(property: PropertyId): Recorded {
  const run = runs.get(elsewhere[property] ?? usual);
  if (run === undefined) throw new Error(`no run for ${property}`);
  return run;
}

beforeAll(async () => {
  for (const name of new Set([usual, ...Object.values(elsewhere)])) {
    const [scenario = "", seed] = name.split(" ");
    const declared = findScenario(scenario);
    if (declared === undefined) throw new Error(`no scenario ${scenario}`);
    const plan = planOf(declared, Number(seed));
    const ears = new Ears(...simEventKinds);
    await runPlan({ plan, listeners: [ears] });
    runs.set(name, { plan, events: ears.events });
  }
}, 60_000);

function judged(property: PropertyId, events: Events, plan = runOf(property).plan): Judgement {
  const { settings, topology } = plan.scenario;
  const { instances, partitions } = topology;
  const theCase: Case = {
    plan,
    settings: resolveSettings({ ...settings, partitions }),
    instances,
    partitions,
    ...boundsOf(plan.scenario),
  };
  const panel = new Panel(theCase, [property]);
  const bus = new Bus([], panel.listeners);
  for (const event of events) bus.emit(event);
  const [judgement] = panel.finish();
  if (judgement === undefined) throw new Error(`no judge of ${property}`);
  return judgement;
}

/** Parts of a run that reach its judges when the rest is lost on the way. */
const halves: readonly (readonly [string, (events: Events) => Events])[] = [
  ["the first half", (events) => events.slice(0, events.length / 2)],
  ["the second half", (events) => events.slice(events.length / 2)],
  ["every second event", (events) => events.filter((_, index) => index % 2 === 0)],
  ["all but the last tenth", (events) => events.slice(0, events.length * 0.9)],
  ...(["called", "returned", "sent", "stepped", "settled", "scheduler", "instance", "fault", "phase"] as const).map(
    (kind) => [`all but ${kind}`, (events: Events) => events.filter((event) => event.kind !== kind)] as const,
  ),
];

const noLength = (events: Events): Events => {
  const begun = new Map<number, number>();
  const done: SimEvent[] = [];
  for (const event of events) {
    if (event.kind === "fault" && event.step === "inject") begun.set(event.fault, event.at);
    done.push(event.kind === "fault" && event.step === "heal" ? { ...event, at: begun.get(event.fault) ?? 0 } : event);
  }
  return done;
};
const never = (events: Events): Events => events.filter(({ kind }) => kind !== "fault");

describe.each(properties)("the judge of %s", (property) => {
  it("holds for the run as it was", () => {
    expect(judged(property, runOf(property).events)).toMatchObject({ verdict: "held" });
  });

  it("is not exercised without data", () => {
    expect(judged(property, [])).toMatchObject({ verdict: "not_exercised", exercised: 0 });
  });

  it.each(halves)("does not hold for %s", (_, half) => {
    const { events, plan } = runOf(property);
    const some = half(events);
    if (some.length === events.length) return; // a run without faults has no such events
    expect(judged(property, some, plan).verdict).not.toBe("held");
  });

  it.each(lies.filter(([id]) => id === property))("%s is violated by a system that lies: %s", (_, __, lie) => {
    expect(judged(property, lie(runOf(property).events)).verdict).toBe("violated");
  });

  it.each([
    ["in force for no time", noLength],
    ["never applied", never],
  ])("does not hold where the faults of the plan were %s", (_, turn) => {
    const { events, plan } = runOf(property);
    const declared = plan.faults.length > 0 ? plan : { ...plan, faults: runOf("J1").plan.faults };
    expect(judged(property, turn(events), declared).verdict).not.toBe("held");
  });
});

describe("the table of lies", () => {
  it("has one at least for every judge", () => {
    expect(new Set(lies.map(([property]) => property))).toEqual(new Set(properties));
  });
});
