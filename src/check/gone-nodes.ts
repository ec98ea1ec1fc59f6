/**
 * N2: a caught-up instance in `normal` never selects a node later than the staleness bound after its offline or expiry.
 */
import { Absences } from "./absences.ts";
import { type Coverage, coverageOf } from "./coverage.ts";
import { type Call, type Millis, type NodeContent, ofKind, versionText } from "./history.ts";
import { conclude, type Finding, fewFindings, inMs, type Judgement, type Trial } from "./judgement.ts";
import { type Life, livesOf } from "./lives.ts";
import type { Entry } from "./observation.ts";
import { properties } from "./properties.ts";
import { suits } from "./suitable.ts";
import { Stalls } from "./timing/stall.ts";

export function judgeGoneNodes(trial: Trial): Judgement {
  const { staleness } = trial.bounds;
  const stalls = new Stalls(trial.history);
  const lives = livesOf(trial.observations);
  const absences = new Absences(trial.history, trial.instances);
  const selections = ofKind(trial.history, "call").filter(
    ({ from, instance, op, reply, to }) =>
      op === "select_nodes" && reply === "normal" && !absences.touch(instance, from, to ?? from),
  );
  const coverage = coverageOf(trial);
  const choosing = new Set(
    selections.flatMap(({ instance, selected = [] }) => (selected.length > 0 ? [instance] : [])),
  );
  // Of an instance that never selects anything, or of what the store never had, nothing says that the node would have been selected.
  const isAnswer = (selection: Call): boolean =>
    choosing.has(selection.instance) && (selection.selected ?? []).every((node) => isHeld(node, selection, coverage));
  const violations: Finding[] = [];
  let latest: Millis = 0;
  let judged = 0;
  let unjudged = 0;
  let unclear = 0;
  for (const selection of selections) {
    for (const node of selection.selected ?? []) {
      judged += 1;
      const went = goingAfter(node, lives.get(node.node) ?? [], isHeld(node, selection, coverage));
      if (went === null) continue;
      // What went while it was away itself it may learn from when it is back.
      const since = Math.max(went.at, absences.presentSince(selection.instance, selection.from));
      const late = selection.from - since;
      latest = Math.max(latest, late);
      if (late <= staleness) continue;
      const blame = stalls.blame(late - staleness, since, selection.from, selection.instance);
      if (blame === "machine") unjudged += 1;
      else if (blame === "unclear") unclear += 1;
      else violations.push({ story: storyOf(selection, node, went, staleness), calls: [selection.id] });
    }
  }
  return conclude({
    property: "N2",
    premise: properties.N2.premise,
    exercised: goingsFollowed(trial, [...lives.values()].flat(), selections.filter(isAnswer)),
    judged,
    unjudged,
    unclear,
    ...fewFindings(violations),
    cause: "machine_load",
    open: `later by no more than the process stood still (longest ${inMs(stalls.longest)})`,
    measures: [
      {
        name: "selected_after_going_ms_max",
        value: latest,
        ...(unjudged + unclear === 0 ? { threshold: staleness } : {}),
      },
    ],
  });
}

function isHeld({ version }: NodeContent, { from, to }: Call, coverage: Coverage): boolean {
  return coverage.standingShown(version, to ?? from) !== "never";
}

/**
 * The first time that the node went after it was as it was shown; null: it had not been seen to go. A life that has gone does not come back in its
 * epoch, whatever version it is shown at; nor under a version that the store never had.
 */
function goingAfter({ incarnation, version }: NodeContent, lives: readonly Life[], isHeld: boolean): Entry | null {
  const later = lives.find(({ went, ...life }) => {
    if (went === null) return false;
    const isSameLife = life.incarnation === incarnation;
    return went.epoch === version.epoch ? went.sequence > version.sequence || isSameLife : !isHeld && isSameLife;
  });
  return later?.went ?? null;
}

/** How many goings were followed by a selection of each instance that the node would have suited, past the bound, while it was away; summed. */
function goingsFollowed({ bounds, instances }: Trial, lives: readonly Life[], selections: readonly Call[]): number {
  let count = 0;
  for (let instance = 0; instance < instances; instance += 1) {
    const own = selections.filter((one) => one.instance === instance);
    for (const { began, went, until } of lives) {
      if (went === null) continue;
      const since = went.at + bounds.staleness;
      if (own.some((one) => one.from > since && one.from < until && couldHaveMet(one, began))) count += 1;
    }
  }
  return count;
}

function couldHaveMet({ asked }: Call, { change }: Entry): boolean {
  return asked === undefined || change.kind !== "registered" || suits(change, asked);
}

function storyOf({ from, instance }: Call, { node, version }: NodeContent, went: Entry, bound: Millis) {
  const late = inMs(from - went.at);
  return [
    `instance ${instance} selected node ${node} ${late} after it was seen ${went.change.kind}, allowed ${inMs(bound)}`,
    `selected at ${inMs(from)} in normal as of version ${versionText(version)}; it went at sequence ${went.sequence}, seen at ${inMs(went.at)}`,
  ];
}
