/** How far a run's history is a run of the scenario that its first line names. A history that departs from it proves nothing of the scenario. */
import { boundsOf } from "../../../scenarios/declare/bounds.ts";
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { instancesOf } from "../../../scenarios/declare/fault-kinds.ts";
import { findScenario } from "../../../scenarios/registry.ts";
import { type FaultStep, type Millis, ofKind, phaseAt } from "../../check/history.ts";
import { inMs, type Trial } from "../../check/judgement.ts";
import { missingLines } from "../../check/observed/missing-lines.ts";
import { unmetAssumptions } from "../../inject/assumptions.ts";
import { cutsOff } from "../../inject/declared/cuts-off.ts";
import { unmetFaults } from "../../inject/declared/met-faults.ts";
import { plannedLoad } from "../../inject/declared/planned.ts";
import { termsOf } from "../../inject/declared/terms.ts";
import { isChosen } from "./declared-faults.ts";

/**
 * Returns the differences, in words; of an unknown scenario, of which nothing is declared here, only the lines that are missing.
 * @param seed absent: it is not known, so the number of planned operations is not compared
 */
export function differencesFromScenario(name: string, trial: Trial, seed?: number): readonly string[] {
  const scenario = findScenario(name);
  if (scenario === undefined) return missingLines(trial);
  const isDrawn = scenario.nemesis !== undefined || scenario.swarm !== undefined;
  const isFromOutside = ofKind(trial.history, "system").length > 0;
  return [
    ...(isDrawn
      ? []
      : [
          ...otherTerms(scenario, trial),
          ...shortLoad(scenario, trial),
          ...(seed === undefined ? [] : otherLoad(scenario, seed, trial)),
        ]),
    ...unmetAssumptions(scenario, trial),
    ...(trial.side === "control" ? faultsOfControl(trial) : unwatchedFaults(trial)),
    ...(isControl(scenario, trial, isDrawn)
      ? []
      : unmetFaults(scenario, trial, { faults: isDrawn ? "drawn" : "declared", isFromOutside })),
    ...(isDrawn || trial.side === "control" ? [] : otherFaults(scenario, trial)),
  ];
}

/** A scenario without faults is its own control. */
function isControl({ faults }: Scenario, { side }: Trial, isDrawn: boolean): boolean {
  return side === "control" && (isDrawn || faults.length > 0);
}

function otherTerms(scenario: Scenario, { bounds, instances, terms }: Trial): readonly string[] {
  const declared = { instances: scenario.topology.instances, ...boundsOf(scenario), ...termsOf(scenario) };
  const found = { instances, ...bounds, ...terms };
  const names = Object.keys(declared) as (keyof typeof declared)[];
  const missing = names.filter((which) => found[which] === undefined);
  const others = names.filter((which) => found[which] !== undefined && found[which] !== declared[which]);
  return [
    ...(missing.length === 0 ? [] : [`the first line does not say ${missing.join(", ")}`]),
    ...others.map(
      (which) => `the first line has ${which} ${found[which]}, and ${scenario.name} has ${declared[which]}`,
    ),
  ];
}

/** Timers may be due a little before their time. */
const early: Millis = 20;

function shortLoad({ duration, name }: Scenario, { history }: Trial): readonly string[] {
  const lasted = phaseAt(history, "quiet");
  if (lasted >= duration - early) return [];
  const found = Number.isNaN(lasted) ? "the load has no end" : `the load lasted ${inMs(lasted)}`;
  return [`${found}, and that of ${name} lasts ${inMs(duration)}`];
}

/** The plan of the load is a function of the scenario and the seed. */
function otherLoad(scenario: Scenario, seed: number, { history }: Trial): readonly string[] {
  const [pace] = ofKind(history, "pace");
  if (pace === undefined) return [];
  const claimed = new Map(ofKind(history, "system").map(({ instance, ops }) => [instance, ops]));
  const { actions } = plannedLoad(scenario, seed, (instance) => claimed.get(instance));
  if (actions.length === pace.planned) return [];
  return [`${pace.planned} operations were planned, and ${scenario.name} has ${actions.length} on seed ${seed}`];
}

function faultsOfControl({ history }: Trial): readonly string[] {
  const [first] = ofKind(history, "fault");
  return first === undefined ? [] : [`a control run has no faults, and this one has ${first.name}`];
}

/** Their effects are observed where they act: the answer to the request for one says nothing of them. Older histories do not say when one was due. */
function unwatchedFaults({ history }: Trial): readonly string[] {
  const seen = ofKind(history, "in_force");
  const unseen = ofKind(history, "fault").filter(({ due, fault, instance, link, name, step }) => {
    const isWatched = due !== undefined && (always.has(name) || link === "server" || link === "process");
    const met = seen.some((one) => one.fault === fault && one.instance === instance && one.link === link);
    return step === "inject" && isWatched && !met;
  });
  return unseen.length === 0 ? [] : [`nothing looked at the effect of ${namesOf(unseen)}`];
}

/** Faults of a link that a probe always shows. */
const always: ReadonlySet<string> = new Set(["redis_blackhole", "redis_latency", "redis_refused", "redis_reset"]);

function namesOf(steps: readonly FaultStep[]): string {
  return [...new Set(steps.map(({ fault, name }) => `${name} (faults[${fault}])`))].join(", ");
}

/** Faults that the scenario does not have, and instances that its faults did not reach. */
function otherFaults({ faults }: Scenario, { history, instances }: Trial): readonly string[] {
  const begun = ofKind(history, "fault").filter(({ step }) => step === "inject");
  const others = begun.filter(({ fault, name }) => faults[fault]?.kind !== name);
  const bent = begun.filter(({ cuts_off, fault, link }) => {
    const declared = faults[fault];
    return declared !== undefined && !isChosen(declared.kind) && cuts_off !== (link !== "feed" && cutsOff(declared));
  });
  return [
    ...(others.length === 0 ? [] : [`the scenario does not declare ${namesOf(others)}`]),
    ...(bent.length === 0 ? [] : [`cuts_off is not as declared: ${namesOf(bent)}`]),
    ...faults.flatMap((fault, index) => {
      const own = begun.filter((step) => step.fault === index);
      if (isChosen(fault.kind) || !own.every(isOfInstance)) return [];
      const spared = instancesOf(fault, instances).filter((one) => !own.some(({ instance }) => instance === one));
      return own.length === 0 || spared.length === 0
        ? []
        : [`${fault.kind} (faults[${index}]) did not reach instance ${spared.join(", ")}`];
    }),
  ];
}

function isOfInstance({ instance }: FaultStep): boolean {
  return instance !== null;
}
