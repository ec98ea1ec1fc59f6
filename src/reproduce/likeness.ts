/** What is simulated to meet a real failure again: its scenario, with the faults when they really began and ended, as declared, or near both. */
import type { Scenario } from "../../scenarios/declare/declare.ts";
import { endOf, type Fault } from "../../scenarios/declare/fault-kinds.ts";
import { type FaultStep, ofKind } from "../check/history.ts";
import type { Trial } from "../check/judgement.ts";
import { UsageError } from "../evidence/failure.ts";
import { seededRandom } from "../load/plan/seeded-random.ts";
import { type Plan, planOf } from "../simulate/plan/plan.ts";

const likenesses = ["recorded", "declared", "near"] as const;
export type Likeness = (typeof likenesses)[number];

/** How far from its recorded time a fault may begin, in milliseconds. */
const near = 200;

/** By turns; a control run is like itself only. */
export function likenessOf(seed: number, side: Trial["side"]): Likeness {
  return side === "control" ? "recorded" : (likenesses[seed % likenesses.length] ?? "recorded");
}

export function planLike(scenario: Scenario, recorded: readonly Fault[], seed: number, likeness: Likeness): Plan {
  const { nemesis: _, ...declared } = scenario;
  const faults = likeness === "declared" ? scenario.faults : likeness === "near" ? moved(recorded, seed) : recorded;
  return planOf({ ...declared, faults: [...faults] }, seed);
}

/** The declared faults at the times at which they were done; none of a control run. @throws UsageError where the log is not of this scenario */
export function recordedFaults({ faults, name }: Scenario, { history, side }: Trial): readonly Fault[] {
  if (side === "control") return [];
  const steps = ofKind(history, "fault");
  for (const { fault, name: kind } of steps) {
    if (faults[fault]?.kind === kind) continue;
    throw new UsageError(
      `the fault log has ${kind} as fault ${fault}, scenario ${name} has ${faults[fault]?.kind ?? "none"}`,
      {
        where: "history: fault",
        fix: "lift it in the checkout whose inject wrote it",
      },
    );
  }
  return apart(
    faults.flatMap((declared, index) =>
      asDone(
        declared,
        steps.filter(({ fault }) => fault === index),
      ),
    ),
    faults,
  );
}

/** Nothing where it was never done: the run ended before. */
function asDone(declared: Fault, steps: readonly FaultStep[]): readonly Fault[] {
  const begun = steps.filter(({ step }) => step === "inject").map(({ asked }) => asked);
  if (begun.length === 0) return [];
  const at = Math.max(0, Math.round(Math.min(...begun)));
  if (!("lasts" in declared)) return [{ ...declared, at }];
  const healed = steps.filter(({ step }) => step === "heal").map(({ asked }) => asked);
  const end = healed.length === 0 ? endOf(declared) : Math.round(Math.min(...healed));
  return [{ ...declared, at, lasts: Math.max(1, end - at) }];
}

/** What a declaration keeps apart stays apart, though one was healed a moment after the next began. */
function apart(done: readonly Fault[], declared: readonly Fault[]): readonly Fault[] {
  const sorted = [...done].sort((a, b) => a.at - b.at);
  const overlap = declared.some((one) =>
    declared.some((other) => other !== one && one.at <= other.at && other.at < endOf(one)),
  );
  if (overlap) return sorted;
  return sorted.map((fault, index) => {
    const next = sorted[index + 1];
    if (next === undefined || !("lasts" in fault) || endOf(fault) <= next.at) return fault;
    return { ...fault, lasts: Math.max(1, next.at - fault.at) };
  });
}

/** All by the same: their distances are what may matter. */
function moved(faults: readonly Fault[], seed: number): readonly Fault[] {
  const by = Math.round(((seededRandom(seed)("near").nextUint32() / 2 ** 32) * 2 - 1) * near);
  return faults.map((fault) => ({ ...fault, at: Math.max(0, fault.at + by) }));
}
