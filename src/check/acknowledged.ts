/**
 * D4: an acknowledged write is not lost by the scheduler; what Redis itself lost is named by the epoch change that explains it. Nor does anybody
 * acknowledge what is answered in an epoch that it has left. A renewed lease is an acknowledged write too.
 */
import { Absences } from "./absences.ts";
import { type Call, ofKind, type Version, versionText } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
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
  const left = writes.filter(({ version }) => epochs.get(version.epoch)?.next != null);
  const lost = left.filter((write) => isGone(write, epochs, trial));
  const unjudged = writes.filter(({ version }) => !epochs.has(version.epoch)).length;
  const renewals = judgeRenewals(trial);
  const succession = new Succession(trial.observations);
  const silent = judgeSilentLosses(
    lost.flatMap(({ version: { epoch } }) => epochs.get(epoch) ?? []),
    trial,
  );
  return conclude({
    property: "D4",
    premise: properties.D4.premise,
    exercised: left.length + renewals.outlived,
    judged: writes.length,
    unjudged: unjudged + silent.unjudged,
    unclear: silent.unclear,
    // Who was kept from the store says nothing of any loss.
    ...(silent.unjudged > 0 ? { isOpen: true } : {}),
    violations: fewStories([
      ...writes.flatMap((write) => missing(write, epochs, succession)),
      ...silent.violations,
      ...toldTooLate(epochs, trial),
      ...renewals.violations,
    ]),
    cause: unjudged > 0 ? "unobserved" : "machine_load",
    open: "the observer never saw their epoch, or the machine kept an instance from the store until the run was over",
    measures: [
      { name: "acknowledged_writes", value: writes.length },
      { name: "lost_with_a_named_epoch_change", value: lost.length },
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

function acknowledgedBy(trial: Trial): readonly Acknowledged[] {
  return ofKind(trial.history, "call").flatMap((call) => {
    const kind = acknowledges[`${call.op} ${call.reply}`];
    const { outcome, version } = call;
    return kind === undefined || version === undefined || outcome !== "ok" ? [] : [{ call, version, kind }];
  });
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

/** A write that was acknowledged and that the feed does not tell of, although nothing explains that. */
function missing(
  { call, kind, version }: Acknowledged,
  epochs: ReadonlyMap<string, Epoch>,
  succession: Succession,
): readonly Story[] {
  const epoch = epochs.get(version.epoch);
  if (epoch === undefined || epoch.entries.some((entry) => tellsOf(entry, call, kind, version))) return [];
  const earlier = [...epochs.values()].flatMap(({ entries }) => entries);
  if (kind === "completed" && earlier.some((entry) => wasDoneBy(entry, call, version, succession))) return [];
  // Redis had it and lost it before the observer could see it: the new epoch says so.
  if (epoch.next !== null && version.sequence > epoch.last) return [];
  return [
    [
      `${call.op} of ${call.job ?? ""} on node ${call.node} was acknowledged at ${versionText(version)} and is not in the store, allowed only after an epoch change`,
      `told to a client of instance ${call.instance} at ${inMs(call.to ?? call.from)}; the observer saw this epoch up to ${epoch.last}`,
    ],
  ];
}

/** A repeated completion is answered with the version of that moment, later than its own. */
function tellsOf({ change, sequence }: Entry, call: Call, kind: ObservedChange["kind"], version: Version): boolean {
  if (change.kind !== kind || change.node !== call.node) return false;
  if ("job" in change && change.job !== call.job) return false;
  return kind === "completed" ? sequence <= version.sequence : sequence === version.sequence;
}

/** A job that was completed in an epoch before is remembered as such in the next one, unless that was lost. */
function wasDoneBy({ change, ...done }: Entry, { job, node }: Call, version: Version, succession: Succession): boolean {
  return (
    change.kind === "completed" &&
    change.node === node &&
    change.job === job &&
    succession.isEarlier(done.epoch, version.epoch) &&
    succession.has(version.epoch, done) !== false
  );
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
