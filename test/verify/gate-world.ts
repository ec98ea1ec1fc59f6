/** A gate in which nothing runs but what a test gives it, on a clock that goes on by 5 ms whenever it is read. */
import type { MutantEvidence } from "../../src/evidence/evidence.ts";
import type { Canary, GatePlan, GateStep, GateWorld } from "../../src/verify/gate.ts";

type Ended = Awaited<ReturnType<Canary["run"]>>;

export const endsWith = (verdict: MutantEvidence["verdict"]): Ended => ({
  evidence: {
    ...{ id: "reserve-late-check", origin: "capacity checked late", layer: "conform", property: "J1", token: null },
    ...{ verdict, runs_to_kill: verdict === "killed" ? 7 : null },
  },
  reason: null,
});

export interface Recorded {
  readonly world: GateWorld;
  readonly interrupt: AbortController;
  readonly budget: AbortController;
  readonly faults: unknown[];
  readonly notes: string[];
}

export function world(): Recorded {
  const interrupt = new AbortController();
  const budget = new AbortController();
  const faults: unknown[] = [];
  const notes: string[] = [];
  let time = 0;
  return {
    interrupt,
    budget,
    faults,
    notes,
    world: {
      now: () => (time += 5),
      interrupted: interrupt.signal,
      outOfTime: budget.signal,
      progress: () => {},
      note: (text) => notes.push(text),
      onFault: (error) => faults.push(error),
    },
  };
}

export function step(name: string, run: GateStep["run"]): GateStep {
  return { layer: name.startsWith("inject") ? "inject" : "conform", name, run };
}

export function plan(
  steps: readonly GateStep[],
  parts: Partial<GatePlan> = {},
  ...canaries: readonly Canary["run"][]
): GatePlan {
  const runs = canaries.length > 0 ? canaries : [async () => endsWith("killed")];
  return {
    canaries: runs.map((run) => ({ mutant: { id: "reserve-late-check", layer: "conform" }, run })),
    steps,
    seed: 8213,
    rounds: 1,
    shard: { index: 1, of: 1 },
    ...parts,
  };
}
