/**
 * D4: an acknowledged write is not lost by the scheduler; what Redis itself lost is named by the epoch change that explains it. Nor does anybody
 * acknowledge what is answered in an epoch that it has left. A renewed lease is an acknowledged write too.
 */
import { Absences } from "./absences.ts";
import { type Coverage, coverageOf } from "./coverage.ts";
import { type Call, ofKind, type Version, versionText } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import { Courses } from "./linear/node/courses.ts";
import { RunCalls } from "./linear/run/calls.ts";
import { judgeLostHeartbeats } from "./lost-heartbeats.ts";
import { dumpsOf, type Entry, entriesOf, epochsOf, type ObservedChange, partitionsOf } from "./observation.ts";
import { properties } from "./properties.ts";
import { judgeRenewals } from "./renewals.ts";
import { judgeSilentLosses } from "./silent-losses.ts";
import { Succession } from "./succession.ts";
import { Views } from "./views.ts";

type Story = readonly string[];

/** Which change a reply acknowledges. */
const acknowledges: Readonly<Record<string, ObservedChange["kind"]>> = {
  "register_node registered": "registered",
  "dispatch reserved": "reserved",
  "reserve_job reserved": "reserved",
  "complete_job completed": "completed",
  "release_job completed": "released",
  "offline_node offline": "offline",
};

interface Acknowledged {
  readonly call: Call;
  readonly version: Version;
  readonly kind: ObservedChange["kind"];
}

/** Replies that say that the store holds what was asked for, whoever made it so. */
const isHeld: ReadonlySet<string> = new Set(["renewed", "already"]);

/** One epoch of the store, as the observer saw it. */
interface Epoch {
  readonly epoch: string;
  readonly partition: number;
  readonly last: number;
  readonly entries: readonly Entry[];
  readonly next: string | null;
}

export function judgeAcknowledged(trial: Trial): Judgement {
  const epochs = new Map(epochsSeen(trial).map((one) => [one.epoch, one]));
  const writes = acknowledgedBy(trial);
  const stands = standingsOf(trial);
  const left = writes.filter(
    ({ call, version }) => epochs.get(version.epoch)?.next != null && !stands.unseen.has(call),
  );
  const lost = left.filter((write) => isGone(write, epochs, trial));
  const unversioned = judgeUnversioned(trial);
  const beats = judgeLostHeartbeats(trial);
  const renewals = judgeRenewals(trial);
  const succession = new Succession(trial.observations);
  const done = completionsIn(epochs);
  const silent = judgeSilentLosses(
    lost.flatMap(({ version: { epoch } }) => epochs.get(epoch) ?? []),
    trial,
  );
  return conclude({
    property: "D4",
    premise: properties.D4.premise,
    exercised: left.length + renewals.outlived,
    judged: stands.judged + unversioned.judged,
    unseen: stands.unseen.size + unversioned.unseen,
    unjudged: silent.unjudged,
    unclear: silent.unclear,
    // Who was kept from the store says nothing of any loss.
    ...(silent.unjudged > 0 ? { isOpen: true } : {}),
    violations: fewStories([
      ...stands.never.map(neverStory),
      ...unversioned.unexplained.map(unexplainedStory),
      ...writes.flatMap((write) => missing(write, epochs, done, succession)),
      ...silent.violations,
      ...toldTooLate(epochs, trial),
      ...renewals.violations,
      ...beats.violations,
    ]),
    cause: "machine_load",
    open: "the machine kept an instance from the store until the run was over",
    measures: [
      { name: "acknowledged_writes", value: writes.length + unversioned.judged },
      { name: "lost_with_a_named_epoch_change", value: lost.length },
      { name: "heartbeats_compared", value: beats.compared },
      { name: "jobs_that_outlived_a_lease", value: renewals.outlived },
    ],
  });
}

/** How many acknowledged writes Redis lost. */
export function lostWrites(trial: Trial): number {
  const epochs = new Map(epochsSeen(trial).map((one) => [one.epoch, one]));
  const left = acknowledgedBy(trial).filter(({ version }) => epochs.get(version.epoch)?.next != null);
  return left.filter((write) => isGone(write, epochs, trial)).length;
}

function kindOf({ op, outcome, reply }: Call): ObservedChange["kind"] | undefined {
  return outcome === "ok" ? acknowledges[`${op} ${reply}`] : undefined;
}

function isAcknowledgement(call: Call): boolean {
  return kindOf(call) !== undefined || (call.outcome === "ok" && isHeld.has(call.reply));
}

function acknowledgedBy(trial: Trial): readonly Acknowledged[] {
  return ofKind(trial.history, "call").flatMap((call) => {
    const kind = kindOf(call);
    const { version } = call;
    return kind === undefined || version === undefined ? [] : [{ call, version, kind }];
  });
}

interface Standings {
  readonly judged: number;
  /** Acknowledged at versions that the store never had. */
  readonly never: readonly Call[];
  /** At versions of which nobody knows. */
  readonly unseen: ReadonlySet<Call>;
}

function standingsOf(trial: Trial): Standings {
  const coverage: Coverage = coverageOf(trial);
  const told = ofKind(trial.history, "call").filter((call) => call.version !== undefined && isAcknowledgement(call));
  const standing = (call: Call) => (call.version === undefined ? "held" : coverage.standingOf(call, call.version));
  return {
    judged: told.length,
    never: told.filter((call) => standing(call) === "never"),
    unseen: new Set(told.filter((call) => standing(call) === "unseen")),
  };
}

function neverStory(call: Call): Story {
  const { instance, reply, to, version } = call;
  const at = version === undefined ? "" : ` at ${versionText(version)}`;
  return [
    `${askedText(call)} was acknowledged${at}, which the store never had`,
    `answered ${reply} to a client of instance ${instance} at ${inMs(to ?? call.from)}`,
  ];
}

interface UnversionedWrites {
  readonly judged: number;
  readonly unexplained: readonly Call[];
  readonly unseen: number;
}

/** Acknowledgements without a version: each needs a change of its own in the feed, or a state that it tells of, while the call was under way. */
function judgeUnversioned(trial: Trial): UnversionedWrites {
  const judged = ofKind(trial.history, "call").filter((call) => call.version === undefined && isAcknowledgement(call));
  if (judged.length === 0) return { judged: 0, unexplained: [], unseen: 0 };
  const run = new RunCalls(trial);
  const calls = [...run.place(new Courses(trial.observations, run.wasReplaced)).byNode.values()];
  return {
    judged: judged.length,
    unexplained: calls.flatMap(({ unexplained }) => unexplained).filter(isAcknowledgement),
    unseen: calls.flatMap(({ unseen }) => unseen).filter(isAcknowledgement).length,
  };
}

function unexplainedStory(call: Call): Story {
  const { from, instance, reply, to } = call;
  return [
    `${askedText(call)} was acknowledged without a version, and nothing that the store was meanwhile explains it`,
    `answered ${reply} to a client of instance ${instance}, asked at ${inMs(from)}, answered at ${inMs(to ?? from)}`,
  ];
}

function askedText({ job = "", node, op }: Call): string {
  return `${op} of ${job} on node ${node}`;
}

function epochsSeen({ observations }: Trial): readonly Epoch[] {
  return partitionsOf(observations).flatMap((partition) => {
    const seen = epochsOf(observations, partition);
    return seen.map((epoch, index) => {
      const entries = entriesOf(observations).filter((one) => one.epoch === epoch);
      const reached = dumpsOf(observations).flatMap(({ version }) =>
        version?.epoch === epoch ? [version.sequence] : [],
      );
      const last = Math.max(0, entries.at(-1)?.sequence ?? 0, ...reached);
      return { epoch, partition, last, entries, next: seen[index + 1] ?? null };
    });
  });
}

type Completions = ReadonlyMap<string, readonly Entry[]>;

/** By node and job, in all epochs. */
function completionsIn(epochs: ReadonlyMap<string, Epoch>): Completions {
  const entries = [...epochs.values()].flatMap((epoch) => epoch.entries);
  return Map.groupBy(
    entries.filter(({ change }) => change.kind === "completed"),
    ({ change }) => jobKey(change.node, "job" in change ? change.job : ""),
  );
}

function jobKey(node: string | undefined, job: string | undefined): string {
  return JSON.stringify([node, job]);
}

/** A write that was acknowledged and that the feed does not tell of, although the store came as far. */
function missing(
  { call, kind, version }: Acknowledged,
  epochs: ReadonlyMap<string, Epoch>,
  done: Completions,
  succession: Succession,
): readonly Story[] {
  const epoch = epochs.get(version.epoch);
  if (epoch === undefined || version.sequence > epoch.last) return [];
  const own = kind === "completed" ? (done.get(jobKey(call.node, call.job)) ?? []) : entriesAt(epoch, version);
  if (own.some((entry) => entry.epoch === version.epoch && tellsOf(entry, call, kind, version))) return [];
  if (kind === "completed" && own.some((entry) => wasDoneBefore(entry, version, succession))) return [];
  return [
    [
      `${askedText(call)} was acknowledged at ${versionText(version)} and is not in the store, allowed only after an epoch change`,
      `told to a client of instance ${call.instance} at ${inMs(call.to ?? call.from)}; the observer saw this epoch up to ${epoch.last}`,
    ],
  ];
}

/** Sequences rise in the feed. */
function entriesAt({ entries }: Epoch, { sequence }: Version): readonly Entry[] {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle] as Entry).sequence < sequence) low = middle + 1;
    else high = middle;
  }
  return entries.slice(low, low + 1);
}

/** A repeated completion is answered with the version of that moment, later than its own. */
function tellsOf({ change, sequence }: Entry, call: Call, kind: ObservedChange["kind"], version: Version): boolean {
  if (change.kind !== kind || change.node !== call.node) return false;
  if ("job" in change && change.job !== call.job) return false;
  return kind === "completed" ? sequence <= version.sequence : sequence === version.sequence;
}

/** A job that was completed in an epoch before is remembered as such in the next one, unless that was lost. */
function wasDoneBefore(done: Entry, version: Version, succession: Succession): boolean {
  return succession.isEarlier(done.epoch, version.epoch) && succession.has(version.epoch, done) !== false;
}

/**
 * It is beyond what the server that took over holds of its epoch; where that was not seen: its node is not there any longer, or in another life,
 * where the next epoch was first seen.
 */
function isGone({ call, version }: Acknowledged, epochs: ReadonlyMap<string, Epoch>, { observations }: Trial): boolean {
  const takenOver = dumpsOf(observations).find(({ left }) => left?.epoch === version.epoch)?.left;
  if (takenOver !== undefined) return version.sequence > takenOver.sequence;
  const epoch = epochs.get(version.epoch);
  const first = dumpsOf(observations).find((dump) => dump.version !== null && dump.version.epoch === epoch?.next);
  const held = first?.nodes.find(({ content }) => content.node === call.node);
  return held === undefined || held.content.incarnation.startsWith(`${epoch?.next}:`);
}

/** What is acknowledged in an epoch that its instance has left nobody will name. A new life of an instance has lived in none. */
function toldTooLate(
  epochs: ReadonlyMap<string, Epoch>,
  { history, instances, observations }: Trial,
): readonly Story[] {
  const views = new Views(history, observations);
  const absences = new Absences(history, instances);
  return ofKind(history, "call").flatMap((call) => {
    const { from, instance, job, node, op, outcome, reply, version } = call;
    const epoch = version === undefined ? undefined : epochs.get(version.epoch);
    const isTold = acknowledges[`${op} ${reply}`] !== undefined || isHeld.has(reply);
    if (version === undefined || epoch === undefined || outcome !== "ok" || !isTold) return [];
    const since = absences.presentSince(instance, from);
    const lived = views.of(instance, epoch.partition).filter(({ at }) => at >= since && at <= from);
    const last = lived.at(-1);
    if (last === undefined || last.view.epoch === version.epoch) return [];
    if (!lived.some(({ view }) => view.epoch === version.epoch)) return [];
    return [
      [
        `${op} of ${job ?? ""} on node ${node} was acknowledged at ${versionText(version)} by instance ${instance}, which had left that epoch, allowed is only to say that it may be lost`,
        `asked at ${inMs(from)}, told ${reply} at ${inMs(call.to ?? from)}; its view was at ${versionText(last.view)} since ${inMs(last.at)} at the latest`,
      ],
    ];
  });
}
