/** Shows a stored history, event by event, to a watcher, with the event at which its first violation shows. */
import type { Trial } from "../../check/judgement.ts";
import type { PropertyId } from "../../check/properties.ts";
import { UsageError } from "../../evidence/failure.ts";
import type { JudgeEvent } from "../../judges/event.ts";
import { decidedProperties, judge } from "../../judges/recorded/judges.ts";
import { judgeRecorded, recordedEvents } from "../../judges/recorded/run.ts";
import { judges } from "../../judges/registry.ts";
import { readTrial } from "./file.ts";

export interface HistoryWatcher {
  take(event: JudgeEvent): void;
  breaks(property: PropertyId, found: string): void;
}

export interface WatchedHistory<Kind extends HistoryWatcher> {
  readonly watcher: Kind;
  readonly scenario: string;
  readonly seed: number;
  readonly side: Trial["side"];
}

/**
 * @param chosen whose first violation is marked; absent: the properties by which the run was judged
 * @throws UsageError for a file that is no history of a run
 */
export function watchHistory<Kind extends HistoryWatcher>(
  file: string,
  make: (instances: number) => Kind,
  chosen?: readonly PropertyId[],
): WatchedHistory<Kind> {
  const { properties, scenario, seed, trial } = readTrial(file);
  const events = recordedEvents(trial);
  if (events.length === 0) {
    throw new UsageError("the history has no events", { where: file, fix: "give a history as inject wrote it" });
  }
  const judged = properties.length > 0 ? properties : decidedProperties;
  const broken = brokenIn(trial, chosen ?? judged, events.length);
  const watcher = make(trial.instances);
  for (const [index, event] of events.entries()) {
    watcher.take(event);
    if (index === broken?.index) watcher.breaks(broken.property, broken.found);
  }
  return { watcher, scenario, seed, side: trial.side };
}

interface Broken {
  readonly property: PropertyId;
  readonly found: string;
  readonly index: number;
}

/** The first event after which the judge of the first violated property says what it says at the end; null: nothing is violated, or no judge says when. */
function brokenIn(trial: Trial, properties: readonly PropertyId[], count: number): Broken | null {
  for (const property of properties) {
    const found = judge(property, trial).violations[0]?.[0];
    const make = judges[property];
    if (found === undefined || make === undefined) continue;
    const isSo = (most: number) => judgeRecorded(make, trial, most).violations[0]?.[0] === found;
    if (!isSo(count)) continue;
    let [without, enough] = [0, count];
    while (enough - without > 1) {
      const middle = Math.floor((without + enough) / 2);
      if (isSo(middle)) enough = middle;
      else without = middle;
    }
    return { property, found, index: enough - 1 };
  }
  return null;
}
