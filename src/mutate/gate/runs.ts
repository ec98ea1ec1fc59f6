/** The runs that the gate makes for one part of the code, and the order in which they are made for a mutant. */
import { findScenario } from "../../../scenarios/registry.ts";
import { contractChecks } from "../../inject/contract/registry.ts";
import { simulatedNames } from "../../simulate/batch/batch.ts";
import type { Part } from "../mutant.ts";
import type { GateRun } from "../worker/messages.ts";
import { testRuns } from "./test-runs.ts";

export interface RunChoice {
  /** The seed of the gate, which chooses the seeds of its runs. */
  readonly seed: number;
  readonly kinds: readonly GateRun["kind"][];
  /** Seeds of each simulated scenario, by whether its faults are declared or drawn. */
  readonly simulatedSeeds: { readonly declared: number; readonly drawn: number };
  /** Runs of a batch of conform. */
  readonly conformRuns: number;
  /** The scenarios of the dearest runs. */
  readonly lockstep: readonly string[];
  readonly inject: readonly string[];
}

/** The kinds of runs that can find something in a part, the cheapest first. */
const kindsOf: Readonly<Record<Exclude<Part, "checkers">, readonly GateRun["kind"][]>> = {
  scheduler: ["contract", "simulate", "lockstep", "inject"],
  redis: ["contract", "conform", "lockstep", "inject"],
  embed: ["simulate", "contract", "lockstep", "inject"],
  lua: ["conform"],
};

/** @param root where the tests lie */
export function runsFor(part: Part, choice: RunChoice, root: string): readonly GateRun[] {
  if (part === "checkers") return testRuns(root);
  return kindsOf[part].filter((kind) => choice.kinds.includes(kind)).flatMap((kind) => runsOf(kind, part, choice));
}

/** All checks of an instance by itself: each takes some milliseconds. */
export const ofInstance = { id: "instance" } as const;

function runsOf(kind: GateRun["kind"], part: Part, choice: RunChoice): readonly GateRun[] {
  const { conformRuns: runs, inject, lockstep, seed, simulatedSeeds } = choice;
  switch (kind) {
    case "simulate":
      return simulatedNames().flatMap((scenario) => {
        const isDrawn = findScenario(scenario)?.nemesis !== undefined;
        const count = isDrawn ? simulatedSeeds.drawn : simulatedSeeds.declared;
        return Array.from({ length: count }, (_, at) => ({ kind, scenario, seed: seed * count + at }) as const);
      });
    case "conform":
      return [false, true].map((isConcurrent) => ({ kind, isConcurrent, seed, runs }));
    case "contract":
      return (part === "scheduler" ? [ofInstance] : contractChecks).map(({ id }) => ({ kind, check: id, seed }));
    case "lockstep":
      return lockstep.map((scenario) => ({ kind, scenario, seed }));
    case "tests":
      return [];
    case "inject":
      return inject.map((scenario) => ({ kind, scenario, seed }));
  }
}

/** A run on the code as it is. */
export interface Measured {
  readonly run: GateRun;
  /** Events or commands. */
  readonly cost: number;
  /** Milliseconds. */
  readonly took: number;
  readonly trace: string | null;
  /** The numbers of the mutants whose place it reaches. */
  readonly reached: ReadonlySet<number>;
  /** The properties that it exercised, and the kinds of load that succeeded in it. */
  readonly met: readonly string[];
  /** The failure that it finds in the code as it is, so that it can judge no mutant; null: none. */
  readonly found: string | null;
}

/**
 * One seed of every scenario before the second of any: what judges a place differently is worth more than one more seed.
 * Within a round the cheapest comes first. Kinds stay in their order.
 */
export function inOrder(runs: readonly Measured[]): readonly Measured[] {
  return [...Map.groupBy(runs, ({ run }) => run.kind).values()].flatMap((ofKind) => {
    const groups = [...Map.groupBy(ofKind, ({ run }) => groupOf(run)).values()];
    return groups
      .flatMap((group) => group.toSorted(byCost).map((measured, round) => ({ measured, round })))
      .sort((one, other) => one.round - other.round || byCost(one.measured, other.measured))
      .map(({ measured }) => measured);
  });
}

/** Runs of one group are alike but for their seed. */
function groupOf(run: GateRun): string {
  if (run.kind === "tests") return run.folder;
  if (run.kind === "contract") return run.check;
  return run.kind === "conform" ? String(run.isConcurrent) : run.scenario;
}

function byCost(one: Measured, other: Measured): number {
  return one.cost - other.cost;
}
