/** P1: pool members are followed incrementally: no full reload without an epoch change or a trimmed feed. */
import { type Coverage, coverageOf } from "./coverage.ts";
import { type Millis, type NodeRequest, ofKind, type Version, versionText } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import { type Entry, entriesOf, type Observation, type ObservedChange } from "./observation.ts";
import { properties } from "./properties.ts";
import { Views } from "./views.ts";

/** The observer may have seen what made the reload necessary this much later than the instance did. */
const lag: Millis = 250;

const ofMembers: ReadonlySet<ObservedChange["kind"]> = new Set(["registered", "offline", "expired", "removed"]);

export function judgeReloads(trial: Trial): Judgement {
  const { history, observations } = trial;
  const views = new Views(history, observations);
  const coverage = coverageOf(trial);
  const loads = ofKind(history, "request").filter(({ page }) => page === "first");
  const told = loads.map((load) => {
    const view = views.at(load.instance, load.partition, load.from);
    return { load, view, why: reasonFor(load, view, trial, coverage) };
  });
  const unexplained = told.filter(({ why }) => why === null);
  // Where the instance was taken to what the observer did not see, nobody knows whether it had to be.
  const isSeen = ({ from, instance, partition }: NodeRequest): boolean =>
    views.of(instance, partition).every(({ at, view }) => at < from || coverage.standingShown(view, at) !== "unseen");
  const causeless = unexplained.filter(({ load }) => isSeen(load));
  const violations = causeless.map(({ load, view }) => storyOf(load, view));
  const members = entriesOf(observations).filter(({ at, change }) => at >= 0 && ofMembers.has(change.kind));
  const watched = watchedInstances(trial);
  const followed = members.reduce((sum, entry) => sum + followers(entry, views, watched), 0);
  const count = (wanted: string): number => told.filter(({ why }) => why === wanted).length;
  return conclude({
    property: "P1",
    premise: properties.P1.premise,
    exercised: followed,
    judged: loads.length,
    unseen: unexplained.length - causeless.length,
    violations: fewStories(violations),
    measures: [
      { name: "reloads_after_epoch_change", value: count("epoch") },
      { name: "reloads_after_trim", value: count("trim") },
      { name: "reloads_without_cause", value: violations.length, threshold: 0 },
    ],
  });
}

/** Those whose requests were taken down: of another one nobody knows what it loaded. */
function watchedInstances({ history }: Trial): readonly number[] {
  const asked = [...ofKind(history, "request"), ...ofKind(history, "store_call")];
  return [...new Set(asked.map(({ instance }) => instance))];
}

/** Instances that followed the partition, in the change's epoch, when it was seen. */
function followers(entry: Entry, views: Views, watched: readonly number[]): number {
  return watched.filter((instance) => views.at(instance, entry.partition, entry.at)?.epoch === entry.epoch).length;
}

/** null: nothing allowed it. */
function reasonFor(
  { from, partition }: NodeRequest,
  view: Version | null,
  { observations, terms }: Trial,
  coverage: Coverage,
): "cold_start" | "epoch" | "trim" | null {
  if (view === null) return "cold_start";
  // What the store never had is no reason.
  if (coverage.standingShown(view, from) === "never") return null;
  const known = observations.filter((one) => one.partition === partition && one.at <= from + lag);
  const latest = known.map(epochOf).findLast((epoch) => epoch !== null);
  if (latest !== undefined && latest !== view.epoch) return "epoch";
  const reached = Math.max(0, ...entriesOf(known).map(({ epoch, sequence }) => (epoch === view.epoch ? sequence : 0)));
  return reached > view.sequence + terms.feedMax ? "trim" : null;
}

function epochOf(one: Observation): string | null {
  return one.kind === "entry" ? one.epoch : (one.version?.epoch ?? null);
}

function storyOf({ from, instance, partition, outcome }: NodeRequest, view: Version | null): readonly string[] {
  return [
    `instance ${instance} loaded partition ${partition} whole, allowed only after an epoch change or a trimmed feed`,
    `asked at ${inMs(from)}, ${outcome}; its view was at ${view === null ? "nothing" : versionText(view)}, and the feed still had what came after`,
  ];
}
