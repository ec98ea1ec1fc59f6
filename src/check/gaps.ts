/** V4: a gap in the feed is noticed and repaired within the bound, with and without a disconnect. */
import { Absences } from "./absences.ts";
import { coverageOf } from "./coverage.ts";
import { type Call, type HistoryEvent, type Millis, ofKind, phaseAt, versionText } from "./history.ts";
import { conclude, type Finding, fewFindings, inMs, type Judgement, type Trial } from "./judgement.ts";
import { Modes } from "./modes.ts";
import { type Entry, entriesOf, partitionsOf } from "./observation.ts";
import { properties } from "./properties.ts";
import { Succession } from "./succession.ts";
import { distributionOf } from "./timing/distribution.ts";
import { Stalls } from "./timing/stall.ts";
import { type ViewSight, Views } from "./views.ts";

/** One change, and how long after it one instance had it. */
interface Followed {
  readonly entry: Entry;
  readonly instance: number;
  /** From when on it counts: the change, or the return to `normal` after it. */
  readonly since: Millis;
  readonly took: Millis;
}

export function judgeGaps(trial: Trial): Judgement {
  const { staleness } = trial.bounds;
  const stalls = new Stalls(trial.history);
  const violations: Finding[] = [];
  const repairs: Millis[] = [];
  let judged = 0;
  let unjudged = 0;
  let unclear = 0;
  for (let instance = 0; instance < trial.instances; instance += 1) {
    const deafness = deafnessOf(trial.history, instance);
    const unheard = unheardBy(trial.history, instance);
    for (const followed of followedBy(trial, instance)) {
      judged += 1;
      const { entry } = followed;
      if (unheard.has(versionText(entry)) || deafness.some(({ from, to }) => entry.at >= from && entry.at <= to))
        repairs.push(followed.took);
      if (followed.took <= staleness) continue;
      const place = [followed.since, followed.since + followed.took, instance] as const;
      const blame = stalls.blame(followed.took - staleness, ...place);
      if (blame === "machine") unjudged += 1;
      else if (blame === "unclear") unclear += 1;
      else {
        const story = storyOf(followed, stalls.within(...place), staleness);
        violations.push({ story, calls: shownWithout(followed, trial) });
      }
    }
  }
  const distribution = distributionOf(repairs);
  return conclude({
    property: "V4",
    premise: properties.V4.premise,
    exercised: repairs.length,
    judged,
    unjudged,
    unclear,
    ...fewFindings(violations),
    cause: "machine_load",
    open: `later by no more than the process stood still (longest ${inMs(stalls.longest)})`,
    measures:
      distribution === null
        ? []
        : [
            { name: "time_to_repair_ms_p50", value: distribution.p50 },
            {
              name: "time_to_repair_ms_max",
              value: distribution.max,
              ...(unjudged + unclear === 0 ? { threshold: staleness } : {}),
            },
          ],
  });
}

/** An observer's look and a wake-up on its way: a change seen this soon after the feed was cut may still have been announced. */
const edge: Millis = 50;
const silencing: ReadonlySet<string> = new Set([
  "redis_blackhole",
  "redis_refused",
  "redis_restart",
  "redis_half_open",
]);

/** The changes of which the instance was not told, since the message was dropped. */
function unheardBy(history: readonly HistoryEvent[], instance: number): ReadonlySet<string> {
  const lost = ofKind(history, "lost_wake_up").filter((one) => one.instance === instance);
  return new Set(lost.map(({ version }) => version));
}

/** When no wake-up can have reached the instance. */
function deafnessOf(
  history: readonly HistoryEvent[],
  instance: number,
): readonly { readonly from: Millis; readonly to: Millis }[] {
  const steps = ofKind(history, "fault").filter(
    (step) => step.link !== "commands" && silencing.has(step.name) && (step.instance ?? instance) === instance,
  );
  return steps.flatMap((begun) => {
    if (begun.step !== "inject") return [];
    const healed = steps.find((step) => step.step === "heal" && step.fault === begun.fault);
    return [{ from: begun.done + edge, to: healed?.asked ?? Number.POSITIVE_INFINITY }];
  });
}

/** Changes during the load that the instance had the whole bound to take in, in `normal` throughout. */
function* followedBy(trial: Trial, instance: number): Generator<Followed> {
  const { staleness } = trial.bounds;
  const views = new Views(trial.history, trial.observations);
  const modes = new Modes(trial.history);
  const absences = new Absences(trial.history, trial.instances);
  const elsewhere = new Elsewhere(trial, instance);
  const end = phaseAt(trial.history, "end");
  for (const partition of partitionsOf(trial.observations)) {
    // Whoever claims to be where the store never was has not caught up by that.
    const coverage = coverageOf(trial);
    const sights = views.of(instance, partition).filter(({ at, view }) => coverage.standingShown(view, at) !== "never");
    if (views.of(instance, partition).length === 0) continue;
    let next = 0;
    for (const entry of entriesOf(trial.observations)) {
      if (entry.partition !== partition || entry.at < 0) continue;
      while (next < sights.length && !hasReached(views, sights[next], entry)) next += 1;
      const since = modes.firstNormal(instance, absences.firstPresent(instance, elsewhere.until(entry)));
      const until = since + staleness;
      if (!(until <= end) || modes.departures(instance, since, until).length > 0) continue;
      if (absences.touch(instance, since, until)) continue;
      const reached = sights[next]?.at ?? Number.POSITIVE_INFINITY;
      yield { entry, instance, since, took: Math.max(0, Math.min(reached, end) - since) };
    }
  }
}

/** Where an instance was answered in an epoch though a later one had begun: the server that it reaches is another one, which cannot tell it of that. */
class Elsewhere {
  readonly #succession: Succession;
  readonly #answers: readonly { readonly epoch: string; readonly from: Millis; readonly to: Millis }[];

  constructor({ history, observations }: Trial, instance: number) {
    this.#succession = new Succession(observations);
    this.#answers = ofKind(history, "call").flatMap(({ from, to, version, ...call }) =>
      call.instance === instance && to !== null && version !== undefined ? [{ epoch: version.epoch, from, to }] : [],
    );
  }

  /** From when on the instance may be told of the change. */
  until({ at, epoch }: Entry): Millis {
    const others = this.#answers.filter((one) => one.from >= at && this.#succession.isEarlier(one.epoch, epoch));
    return others.reduce((latest, { to }) => Math.max(latest, to), at);
  }
}

function hasReached(views: Views, sight: ViewSight | undefined, entry: Entry): boolean {
  return sight !== undefined && views.reaches(sight.view, entry);
}

/** The call that made the change, and the last answer of the instance past the bound that shows its node without it; none without such an answer. */
function shownWithout({ entry, instance, since, took }: Followed, { bounds, history }: Trial): readonly number[] {
  const { change, epoch, sequence } = entry;
  const calls = ofKind(history, "call");
  const made = calls.find(({ version }) => version?.epoch === epoch && version.sequence === sequence);
  const isWithout = ({ read, selected }: Call): boolean =>
    [...(read?.node ? [read.node] : []), ...(selected ?? [])].some(
      ({ node, version }) => node === change.node && version.epoch === epoch && version.sequence < sequence,
    );
  const shown = calls.findLast(
    (call) =>
      call.instance === instance &&
      call.from > since + bounds.staleness &&
      (call.to ?? Number.POSITIVE_INFINITY) < since + took &&
      isWithout(call),
  );
  if (shown === undefined) return [];
  return [...(made === undefined ? [] : [made.id]), shown.id];
}

function storyOf({ entry, instance, since, took }: Followed, stalled: Millis, bound: Millis): readonly string[] {
  const { change, partition, sequence } = entry;
  return [
    `instance ${instance} was without change ${sequence} of partition ${partition} for ${inMs(took)}, allowed ${inMs(bound)}`,
    `${change.kind} of node ${change.node}, seen in the store at ${inMs(entry.at)}; counted from ${inMs(since)}, in normal throughout; the process stood still for ${inMs(stalled)} of that time`,
  ];
}
