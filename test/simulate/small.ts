/** A small scenario for tests of the simulator, and runs of it. */
import { type Declaration, type Scenario, scenario } from "../../scenarios/declare/declare.ts";
import type { Fault } from "../../scenarios/declare/fault-kinds.ts";
import type { PropertyId } from "../../src/check/properties.ts";
import { createScheduler } from "../../src/scheduler/scheduler.ts";
import { planOf } from "../../src/simulate/plan/plan.ts";
import { type Run, type RunOptions, runPlan } from "../../src/simulate/run/run.ts";
import type { Heard, Listener } from "../../src/simulate/trace/bus.ts";
import type { SimEvent } from "../../src/simulate/trace/events.ts";

export function small(faults: readonly Fault[] = [], more: Partial<Declaration> = {}): Scenario {
  return scenario({
    name: "small",
    why: "As little as shows what is to be seen, and quickly.",
    topology: { instances: 2, nodes: 4, maxJobsPerNode: 2, partitions: 2 },
    settings: { l1Ttl: 200, missTtl: 100, l2Ttl: 1_000, pollInterval: 200, pulseInterval: 15, dwellMax: 500 },
    load: [
      { kind: "read", every: 40 },
      { kind: "select", every: 50 },
      { kind: "heartbeat", every: 60 },
      { kind: "dispatch", every: 45, holds: 100 },
    ],
    faults: [...faults],
    always: ["J1", "V1"],
    eventually: { V3: { within: 1_500 } },
    duration: 2_000,
    ...more,
  });
}

export function runSmall(faults: readonly Fault[] = [], more: Partial<RunOptions> = {}, seed = 1): Promise<Run> {
  return runPlan({ plan: planOf(small(faults), seed), ...more });
}

/** Keeps the events of these kinds. */
export class Ears implements Listener {
  readonly hears: readonly Heard[];
  readonly events: SimEvent[] = [];

  constructor(...hears: readonly Heard[]) {
    this.hears = hears;
  }

  on(event: SimEvent): void {
    this.events.push(event);
  }

  of<Kind extends SimEvent["kind"]>(kind: Kind): readonly Extract<SimEvent, { readonly kind: Kind }>[] {
    return this.events.filter((event): event is Extract<SimEvent, { readonly kind: Kind }> => event.kind === kind);
  }
}

export function verdictOf({ judgements }: Run, property: PropertyId): string {
  return judgements.find((one) => one.property === property)?.verdict ?? "not judged";
}

/** A wrong scheduler: its feed is deaf and its version checks always say that there is nothing new. */
export const deaf: typeof createScheduler = (ports, settings, observe) => {
  const { feed, store } = ports;
  const quiet: typeof store = Object.assign(Object.create(store), {
    changesSince: async (request: Parameters<typeof store.changesSince>[0]) => ({
      kind: "changes",
      version: request.since,
      entries: [],
    }),
  });
  const mute: typeof feed = {
    start: (listener) => feed.start({ ...listener, woken: () => {} }),
    close: () => feed.close(),
  };
  return createScheduler({ ...ports, store: quiet, feed: mute }, settings, observe);
};
