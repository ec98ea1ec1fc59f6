/** The times of the faults in the simulated runs that may reproduce a recorded failure. */
import type { Scenario } from "../../scenarios/declare/declare.ts";
import { endOf, type Fault } from "../../scenarios/declare/fault-kinds.ts";
import { type FaultStep, ofKind } from "../check/history.ts";
import type { Trial } from "../check/judgement.ts";
import { UsageError } from "../evidence/failure.ts";
import { seededRandom } from "../load/plan/seeded-random.ts";
import { type Plan, planOf } from "../simulate/plan/plan.ts";

/** `near`: the recorded times, all moved by the same random duration. */
const faultTimes = ["recorded", "declared", "near"] as const;
export type FaultTimes = (typeof faultTimes)[number];

/** How far `near` moves a fault, in milliseconds. */
const near = 200;

/** Successive seeds take the three in turn. A control run has no faults to move. */
export function faultTimesOf(seed: number, side: Trial["side"]): FaultTimes {
  return side === "control" ? "recorded" : (faultTimes[seed % faultTimes.length] ?? "recorded");
}

export function planWith(times: FaultTimes, scenario: Scenario, recorded: readonly Fault[], seed: number): Plan {
  const { nemesis: _, ...declared } = scenario;
  const faults = times === "declared" ? scenario.faults : times === "near" ? moved(recorded, seed) : recorded;
  return planOf({ ...declared, faults: [...faults] }, seed);
}

/** The declared faults at the times at which they were injected and healed; a control run has none. @throws UsageError where the log belongs to another scenario */
export function recordedFaults({ faults, name }: Scenario, { history, side }: Trial): readonly Fault[] {
  if (side === "control") return [];
  const steps = ofKind(history, "fault");
  for (const { fault, name: kind } of steps) {
    if (faults[fault]?.kind === kind) continue;
    throw new UsageError(
      `the fault log has ${kind} as fault ${fault}, scenario ${name} has ${faults[fault]?.kind ?? "none"}`,
      {
        where: "history: fault",
        fix: "reproduce it in the checkout that wrote it",
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

/** Empty where the run ended before the fault began. */
function asDone(declared: Fault, steps: readonly FaultStep[]): readonly Fault[] {
  const begun = steps.filter(({ step }) => step === "inject").map(({ asked }) => asked);
  if (begun.length === 0) return [];
  const at = Math.max(0, Math.round(Math.min(...begun)));
  if (!("lasts" in declared)) return [{ ...declared, at }];
  const healed = steps.filter(({ step }) => step === "heal").map(({ asked }) => asked);
  const end = healed.length === 0 ? endOf(declared) : Math.round(Math.min(...healed));
  return [{ ...declared, at, lasts: Math.max(1, end - at) }];
}

/** Faults that do not overlap as declared do not overlap here, although healing one took until after the next began. */
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

/** All faults move by the same duration, because the failure may depend on their distances. */
function moved(faults: readonly Fault[], seed: number): readonly Fault[] {
  const by = Math.round(((seededRandom(seed)("near").nextUint32() / 2 ** 32) * 2 - 1) * near);
  return faults.map((fault) => ({ ...fault, at: Math.max(0, fault.at + by) }));
}
