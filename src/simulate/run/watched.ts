/** Runs again what a token names and shows it, event by event, to a watcher, with the event at which its first violation shows. */
import type { PropertyId } from "../../check/properties.ts";
import type { ReplayToken } from "../../evidence/token.ts";
import type { JudgeEvent, JudgeEventKind } from "../../judges/event.ts";
import type { OtherScheduler } from "../batch/options.ts";
import { firstOf } from "../explain/picture.ts";
import type { Listener } from "../trace/bus.ts";
import { simEventKinds } from "../trace/events.ts";
import { planOfToken } from "./replay.ts";
import { type RunOptions, runPlan } from "./run.ts";
import { isChargedToken } from "./token.ts";

export interface Watcher {
  take(event: JudgeEvent): void;
  /** The event that was taken last shows the first violation. */
  breaks(property: PropertyId, found: string): void;
}

export interface WatchedRunOptions<Kind extends Watcher> {
  readonly token: ReplayToken;
  readonly planted?: OtherScheduler | undefined;
  readonly kinds: readonly JudgeEventKind[];
  readonly watcher: (instances: number) => Kind;
  readonly onProgress?: (text: string) => void;
}

/** The first violation takes some twenty runs to locate. */
export async function watchRun<Kind extends Watcher>(options: WatchedRunOptions<Kind>): Promise<Kind> {
  const { kinds, onProgress = () => {}, planted, token } = options;
  const { plan, property } = planOfToken(token);
  const shared = {
    ...{ plan, isCharged: isChargedToken(token), createScheduler: planted?.createScheduler },
    properties: property === undefined ? undefined : [property],
  };
  onProgress("running it once");
  const { events, judgements } = await runPlan(shared);
  const [violated] = judgements.filter(({ violations }) => violations.length > 0);
  const found = violated?.violations[0]?.[0] ?? null;
  const broken = violated === undefined ? null : { property: violated.property, found: found ?? "" };
  const at =
    broken === null
      ? null
      : await brokenAt({ ...shared, properties: [broken.property] }, events, broken.found, onProgress);
  const watcher = options.watcher(plan.scenario.topology.instances);
  await runPlan({
    ...shared,
    watch: { hears: kinds, on: (event) => watcher.take(event) },
    listeners: [marking(watcher, at, broken)],
  });
  return watcher;
}

/** Counts all events, after the watcher has taken each. */
function marking(
  watcher: Watcher,
  at: number | null,
  broken: { readonly property: PropertyId; readonly found: string } | null,
): Listener {
  let count = 0;
  return {
    hears: simEventKinds,
    on() {
      count += 1;
      if (count === at && broken !== null) watcher.breaks(broken.property, broken.found);
    },
  };
}

/** The number of the event from which on the judge says so. */
function brokenAt(
  shared: RunOptions,
  events: number,
  found: string,
  onProgress: (text: string) => void,
): Promise<number> {
  return firstOf(events, async (judgedEvents) => {
    onProgress(`looking for the violation: event ${judgedEvents}`);
    const { judgements } = await runPlan({ ...shared, judgedEvents });
    return judgements[0]?.violations[0]?.[0] === found;
  });
}
