/**
 * N3: a node that registers is visible within the bound, a miss mark notwithstanding. Visible is also what is found: no answer leaves out a
 * node that the instance had to know (left-out.ts).
 */
import { Absences } from "./absences.ts";
import { coverageOf } from "./coverage.ts";
import { type Call, type Millis, ofKind } from "./history.ts";
import { conclude, type Finding, fewFindings, inMs, type Judgement, type Trial } from "./judgement.ts";
import { leftOut } from "./left-out.ts";
import { type Life, livesOf } from "./lives.ts";
import { observerLag } from "./observation.ts";
import { properties } from "./properties.ts";
import { Stalls } from "./timing/stall.ts";

interface Arrival {
  readonly life: Life;
  readonly instance: number;
  /** Lookups of the node by the instance, asked and answered in `normal`, after the registration was seen and before the life was over. */
  readonly lookups: readonly Call[];
}

export function judgeNewcomers(trial: Trial): Judgement {
  const { staleness } = trial.bounds;
  const stalls = new Stalls(trial.history);
  const absences = new Absences(trial.history, trial.instances);
  const coverage = coverageOf(trial);
  // A record at a version that the store never had shows no node.
  const isHeld = ({ from, read, to }: Call): boolean =>
    read?.node ? coverage.standingShown(read.node.version, to ?? from) !== "never" : false;
  const violations: Finding[] = [];
  const times: Millis[] = [];
  let judged = 0;
  let unjudged = 0;
  let unclear = 0;
  for (const arrival of arrivals(trial)) {
    const seen = arrival.life.began.at;
    const shows = (call: Call): boolean => isShown(call, arrival.life) && isHeld(call);
    const shown = arrival.lookups.find(shows);
    // What registered while it was away itself it may learn from when it is back.
    const since = (call: Call): Millis => Math.max(seen, absences.presentSince(call.instance, call.from));
    const late = arrival.lookups.filter((call) => call.from > since(call) + staleness);
    if (shown === undefined && late.length === 0) continue;
    judged += 1;
    if (shown !== undefined) times.push(Math.max(0, (shown.to ?? shown.from) - seen));
    const blind = late.find((call) => !shows(call));
    if (blind === undefined) continue;
    const tooLate = blind.from - since(blind) - staleness;
    const blame = stalls.blame(tooLate, since(blind), blind.from, blind.instance);
    if (blame === "machine") unjudged += 1;
    else if (blame === "unclear") unclear += 1;
    else violations.push({ story: storyOf(arrival, blind, staleness), calls: [blind.id] });
  }
  const { findings, looked } = leftOut(trial);
  violations.push(...findings);
  const slowest = times.length === 0 ? [] : [{ name: "time_to_visible_ms_max", value: Math.max(...times) }];
  return conclude({
    property: "N3",
    premise: properties.N3.premise,
    exercised: judged,
    unjudged,
    unclear,
    ...fewFindings(violations),
    cause: "machine_load",
    open: `later by no more than the process stood still (longest ${inMs(stalls.longest)})`,
    measures: [...slowest, { name: "looked_for_in_answers", value: looked }],
  });
}

/** Registrations of nodes that an instance had just looked up in vain, so that it held a mark. */
function arrivals(trial: Trial): readonly Arrival[] {
  const lookups = Map.groupBy(
    ofKind(trial.history, "call").filter(({ op, node }) => op === "get_node" && node !== undefined),
    ({ instance, node }) => JSON.stringify([instance, node]),
  );
  const absences = new Absences(trial.history, trial.instances);
  const found: Arrival[] = [];
  for (const life of [...livesOf(trial.observations).values()].flat()) {
    const { at } = life.began;
    for (let instance = 0; instance < trial.instances; instance += 1) {
      const own = (lookups.get(JSON.stringify([instance, life.node])) ?? []).filter(
        (call) => !absences.touch(instance, call.from, call.to ?? call.from),
      );
      const missed = own.some(
        (call) => isMiss(call) && call.to !== null && call.to <= at && call.to > at - trial.terms.missTtl,
      );
      if (!missed) continue;
      const over = Math.min(life.until, (life.removed?.at ?? Number.POSITIVE_INFINITY) - observerLag);
      const after = own.filter((call) => call.from >= at && (call.to ?? Infinity) < over && isConfirmed(call));
      found.push({ life, instance, lookups: after });
    }
  }
  return found;
}

function isMiss({ read }: Call): boolean {
  return read?.found === false && (read.source === "redis" || read.source === "miss");
}

/** In a degraded mode, or where the store did not answer in time, what is not known is not claimed. */
function isConfirmed({ read }: Call): boolean {
  return read?.mode === "normal" && !read.stale;
}

function isShown({ read }: Call, { began, incarnation }: Life): boolean {
  const node = read?.node;
  if (!node) return false;
  return (
    node.incarnation === incarnation || (node.version.epoch === began.epoch && node.version.sequence > began.sequence)
  );
}

function storyOf({ instance, life }: Arrival, { from, read }: Call, bound: Millis): readonly string[] {
  const late = inMs(from - life.began.at);
  return [
    `instance ${instance} did not show node ${life.node} ${late} after it was seen registered, allowed ${inMs(bound)}`,
    `asked at ${inMs(from)}, answered from ${read?.source ?? "nowhere"}, found: ${read?.found ?? false}; registered as ${life.incarnation}, seen at ${inMs(life.began.at)}`,
  ];
}
