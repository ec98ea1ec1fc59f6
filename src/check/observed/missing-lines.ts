/**
 * Lines that a history lacks, or that say too much, by what its other lines say. Only where the harness hosts the instances or speaks the line protocol to
 * them: other histories need not have such lines.
 */
import {
  type Call,
  type FaultStep,
  type HistoryEvent,
  type Millis,
  ofKind,
  readOps,
  type Version,
} from "../history.ts";
import { inMs, shareText, type Trial } from "../judgement.ts";
import { Looks } from "./looks.ts";

/** Returns each lack in words, with its share. */
export function missingLines(trial: Trial): readonly string[] {
  const { history } = trial;
  const hosted = new Set(ofKind(history, "hosted").map(({ instance }) => instance));
  const isWatched = hosted.size > 0 || ofKind(history, "pipe").length > 0;
  return [
    ...otherCounts(trial),
    ...halfFaults(history),
    ...missingCalls(history, hosted),
    ...missingRefusals(history, hosted),
    ...lostViews(history, hosted),
    ...(isWatched ? missingLooks(trial) : []),
  ];
}

/** Fewer calls than the end counts are a share of each judgement. */
function otherCounts({ history, observations }: Trial): readonly string[] {
  const { calls, observations: observed } = ofKind(history, "phase").find(({ name }) => name === "end") ?? {};
  const [made, seen] = [ofKind(history, "call").length, observations.length];
  return [
    ...(calls === undefined || made <= calls ? [] : [`the end counts ${calls} calls, and the history has ${made}`]),
    ...(observed === undefined || seen === observed
      ? []
      : [`the end counts ${observed} observations of the store, and the history has ${seen}`]),
  ];
}

/** At each place a fault begins, has its effect, and ends. One that ends nowhere was not healed, which is a reason of its own. */
function halfFaults(history: readonly HistoryEvent[]): readonly string[] {
  const steps = ofKind(history, "fault");
  const of = (step: FaultStep["step"]) => steps.filter((one) => one.step === step);
  const [begun, ended] = [of("inject"), of("heal")];
  const isAt = (place: Place) => (one: Place) => placeOf(one) === placeOf(place);
  const isHealed = ({ fault, instance }: Place): boolean =>
    ended.some((one) => one.fault === fault && one.instance === instance);
  const notBegun = [...ended, ...ofKind(history, "in_force")].filter((place) => !begun.some(isAt(place)));
  const notEnded = begun.filter((place) => isHealed(place) && !ended.some(isAt(place)));
  return [
    ...new Set(notBegun.map((place) => `nothing says that ${placeOf(place)} began`)),
    ...new Set(notEnded.map((place) => `nothing says that ${placeOf(place)} ended`)),
  ];
}

type Place = Pick<FaultStep, "fault" | "instance" | "link" | "name">;

function placeOf({ fault, instance, link, name }: Place): string {
  return `${name} (faults[${fault}]) at the ${link}${instance === null ? "" : ` of instance ${instance}`}`;
}

type Interval = { readonly from: Millis; readonly to: Millis };

/** An answer that only the store can give needs a call to it meanwhile. */
function missingCalls(history: readonly HistoryEvent[], hosted: ReadonlySet<number>): readonly string[] {
  const answered = ofKind(history, "store_call").filter(({ outcome }) => outcome === "answered");
  const sent = Map.groupBy(answered, ({ instance, script }) => `${script} of instance ${instance}`);
  const owed = answersOf(history, hosted).flatMap((call) => {
    const script = scriptOf(call);
    return script === null ? [] : [{ call, key: `${script} of instance ${call.instance}` }];
  });
  return [...Map.groupBy(owed, ({ key }) => key)].flatMap(([key, own]) => {
    const alone = own.filter(({ call }) => !(sent.get(key) ?? []).some((one) => overlap(call, one)));
    return alone.length === 0 ? [] : [`${shareText(alone.length, own.length)} answers have no store_call: ${key}`];
  });
}

type Answered = Call & { readonly to: Millis };

/** Since the load began: calls to the store were noted by then. */
function answersOf(history: readonly HistoryEvent[], hosted: ReadonlySet<number>): readonly Answered[] {
  return ofKind(history, "call").filter(
    (call): call is Answered =>
      call.outcome === "ok" && call.from >= 0 && call.to !== null && hosted.has(call.instance),
  );
}

/** null: an instance may answer so by itself. */
function scriptOf({ op, read, version }: Call): string | null {
  if (op === "get_node") return read?.source === "redis" && !read.stale ? "snapshot" : null;
  if (version === undefined || readOps.some((name) => name === op)) return null;
  return op === "dispatch" ? "reserve_job" : op;
}

function overlap(one: Interval, other: Interval): boolean {
  return one.from <= other.to && one.to >= other.from;
}

/** A client that is answered `full` is answered what the store said. */
function missingRefusals(history: readonly HistoryEvent[], hosted: ReadonlySet<number>): readonly string[] {
  const noted = Map.groupBy(ofKind(history, "node_full"), ({ instance, job, node }) => `${instance} ${node} ${job}`);
  const refused = answersOf(history, hosted).filter(({ reply }) => reply === "full");
  const alone = refused.filter((call) => {
    const own = noted.get(`${call.instance} ${call.node} ${call.job}`) ?? [];
    return !own.some((one) => overlap(call, one) && (call.version === undefined || isSame(one.version, call.version)));
  });
  return alone.length === 0 ? [] : [`${shareText(alone.length, refused.length)} answers \`full\` have no node_full`];
}

function isSame(one: Version, other: Version): boolean {
  return one.epoch === other.epoch && one.sequence === other.sequence;
}

/** Each observation was made by a look. */
function missingLooks({ history, observations }: Trial): readonly string[] {
  const looks = new Looks(history);
  const made = observations.filter(({ at }) => at >= 0);
  const alone = made.filter((one) => looks.startOf(one) === undefined);
  return alone.length === 0 ? [] : [`${shareText(alone.length, made.length)} observations are of no observer_read`];
}

/** While an instance runs its view never comes to hold nothing, and each version that a sample shows at the end was noted as a view too. */
function lostViews(history: readonly HistoryEvent[], hosted: ReadonlySet<number>): readonly string[] {
  const views = ofKind(history, "view").toSorted((a, b) => a.at - b.at);
  const last = new Map(views.map((view) => [view.instance, view.views]));
  const shown = new Map(ofKind(history, "sample").map((sample) => [sample.instance, sample.views]));
  return [...hosted].flatMap((instance) => {
    const own = views.filter((view) => view.instance === instance);
    const begun = ofKind(history, "hosted").flatMap(({ at, instance: of }) => (of === instance ? [at] : []));
    const emptied = own.find(({ at, views: after }, index) => {
      const before = own[index - 1];
      const isSameLife = before !== undefined && !begun.some((life) => life > before.at && life <= at);
      return isSameLife && before.views.some((view, partition) => view !== null && !after[partition]);
    });
    const who = `instance ${instance}`;
    const isBehind = shown
      .get(instance)
      ?.some((view, partition) => view && !isReached(view, last.get(instance)?.[partition]));
    return [
      ...(emptied === undefined
        ? []
        : [`the view of ${who} at ${inMs(emptied.at)} holds nothing of a partition, and did before`]),
      ...(isBehind ? [`the last sample of ${who} is ahead of its last view`] : []),
    ];
  });
}

function isReached({ epoch, sequence }: Version, noted: Version | null | undefined): boolean {
  return noted?.epoch === epoch && noted.sequence >= sequence;
}
