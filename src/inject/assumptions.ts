/** The preconditions of a run. Each one that is not met is reported in words, and the run proves nothing. */
import type { Load, Scenario } from "../../scenarios/declare/declare.ts";
import { faultWindows } from "../check/faults/windows.ts";
import { type Call, type Millis, ofKind, phaseAt, processEnded, readOps } from "../check/history.ts";
import type { Trial } from "../check/judgement.ts";
import { missingLines } from "../check/observed/missing-lines.ts";
import { partitionsOf } from "../check/observed/observation.ts";
import { isMistake } from "../load/clients/caller.ts";
import { successesOf } from "../load/clients/successes.ts";
import { operationsOf } from "../load/plan/claimed.ts";

/** An operation that begins later than this after its time does not belong to the declared load. */
const begunWithin: Millis = 50;
/** How many of each instance's last reads, and last writes, are checked. */
const lastChecked = 10;

/** For one side of a pair. The control meets the preconditions about faults trivially. */
export function unmetAssumptions(scenario: Pick<Scenario, "load">, trial: Trial): readonly string[] {
  return [
    ...missingLines(trial),
    ...emptyStart(trial),
    ...loadKept(trial),
    ...everyKindSucceeded(scenario.load, trial),
    ...onlyPromisedErrors(trial),
    ...noneEnded(trial),
    ...everyFaultHealed(trial),
    ...lastAnswered(trial),
  ];
}

/** The observer reads the store before any instance connects. */
function emptyStart({ observations }: Trial): readonly string[] {
  if (observations.length === 0) return ["the initial content of the store was not observed"];
  const full = partitionsOf(observations).filter((partition) => {
    const first = observations.find((one) => one.partition === partition);
    return first?.kind !== "dump" || first.nodes.length > 0 || (first.version?.sequence ?? 0) > 0 || first.left;
  });
  return full.length === 0 ? [] : [`the store was not empty at the start: partitions ${full.join(", ")}`];
}

function loadKept(trial: Trial): readonly string[] {
  const [pace] = ofKind(trial.history, "pace");
  if (pace === undefined) return ["the rate of the load was not recorded"];
  const { made, planned } = pace;
  if (made < planned) return [`the load did not reach its rate: ${made} of ${planned} operations were begun`];
  return lateLoad(trial);
}

/** The harness begins the load, so an instance in a process of its own cannot delay it: only the machine or the harness can. */
export function lateLoad({ history }: Trial): readonly string[] {
  const [{ late_ms_p95 } = { late_ms_p95: 0 }] = ofKind(history, "pace");
  if (late_ms_p95 <= begunWithin) return [];
  const found = `one operation in twenty was begun ${Math.round(late_ms_p95)} ms or more after its time`;
  return [
    `the load did not reach its rate: ${found}, allowed ${begunWithin} ms; run it with less beside it on the machine`,
  ];
}

function everyKindSucceeded(load: readonly Load[], { history }: Trial): readonly string[] {
  const calls = ofKind(history, "call").filter(({ from }) => from >= 0);
  const claimed = ofKind(history, "system").map(({ ops }) => ops);
  // Where no instance has an operation, its load is not made.
  const isClaimed = (op: string): boolean => claimed.length === 0 || claimed.some((ops) => ops?.includes(op) ?? true);
  const performed = load.filter(({ kind }) => operationsOf(kind).every(isClaimed));
  const missing = successesOf(performed).filter(({ by }) => !calls.some(by));
  return missing.length === 0 ? [] : [`never succeeded: ${missing.map(({ what }) => what).join(", ")}`];
}

function onlyPromisedErrors({ history }: Trial): readonly string[] {
  const mistake = ofKind(history, "call").find(({ reply }) => isMistake(reply));
  if (mistake === undefined) return [];
  return [`instance ${mistake.instance} ${mistake.reply}, at ${mistake.op}: that is a mistake in its program`];
}

/** A fault may kill and restart it later, so that it answers in the end. */
function noneEnded({ history }: Trial): readonly string[] {
  const ends = ofKind(history, "note").filter(({ what }) => what === processEnded);
  return ends.map(({ facts, instance }) => `instance ${instance} ended by itself: ${String(facts["how"])}`);
}

function everyFaultHealed({ history, instances }: Trial): readonly string[] {
  const by = phaseAt(history, "healed");
  const open = faultWindows(history, instances)
    .filter(({ healed }) => !(healed <= by))
    .map(({ fault, instance, name }) => `${name} (faults[${fault}]) of instance ${instance}`);
  return open.length === 0 ? [] : [`was not healed when the load ended: ${open.join(", ")}`];
}

/** Otherwise the run may have ended before its faults had healed for the clients. */
function lastAnswered({ history, instances }: Trial): readonly string[] {
  const calls = ofKind(history, "call")
    .filter(({ from }) => from >= 0)
    .sort((a, b) => a.from - b.from);
  return Array.from({ length: instances }, (_, instance) => instance).flatMap((instance) => {
    const own = calls.filter((call) => call.instance === instance);
    const [reads, writes] = [own.filter(isRead), own.filter((call) => !isRead(call))];
    return [
      ...unanswered(reads, `the last reads of instance ${instance}`),
      ...unanswered(writes, `the last writes of instance ${instance}`),
    ];
  });
}

function unanswered(calls: readonly Call[], which: string): readonly string[] {
  const last = calls.slice(-lastChecked);
  if (last.length === 0 || last.some(({ outcome, to }) => to !== null && outcome === "ok")) return [];
  return [`${which} were not answered: ${[...new Set(last.map(({ reply }) => reply))].join(", ")}`];
}

function isRead({ op }: Call): boolean {
  return readOps.some((read) => read === op);
}
