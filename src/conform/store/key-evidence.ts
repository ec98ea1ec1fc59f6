/** K1 of a batch: plans once more under MONITOR, what they touched held against what they declared. */

import type { PropertyEvidence, Violation } from "../../evidence/evidence.ts";
import type { ScriptSet } from "../../redis/scripts/scripts.ts";
import { execute } from "../execute.ts";
import { moveText } from "../explain/explanation.ts";
import { brokenRun, LostMonitorError } from "../lost-store.ts";
import type { Plan } from "../plan/plan.ts";
import { shrink } from "../plan/shrink.ts";
import type { Subject } from "../subject.ts";
import { createKeyWatch } from "./key-watch.ts";

export interface Watched {
  readonly calls: number;
  readonly offence: string | null;
  /** That led to the offence, shrunk. */
  readonly plan: Plan | null;
  /** The signal came before all plans were watched. */
  readonly isCut: boolean;
}

export const notWatched: Watched = { calls: 0, offence: null, plan: null, isCut: false };

/** A restart ends MONITOR. */
export function canBeWatched({ moves }: Plan): boolean {
  return !moves.some((move) => move.do === "restart");
}

export interface WatchOptions {
  readonly signal: AbortSignal;
  readonly isReplay: boolean;
  readonly tokenOf: (plan: Plan) => string;
}

/** A plan is watched again when its connection was lost. */
const mostTries = 3;

/**
 * An offence is shrunk, unless it comes from a token.
 * @throws BrokenRunError when the store gave no answer, or no try watched a plan as a whole
 */
export async function watchKeys(
  subject: Subject,
  scripts: ScriptSet,
  plans: readonly Plan[],
  { signal, isReplay, tokenOf }: WatchOptions,
): Promise<Watched> {
  const watch = async (plan: Plan, left = mostTries): Promise<Watched> => {
    const seen = createKeyWatch();
    try {
      await subject.watched(seen.see, () => execute(subject, scripts, plan));
    } catch (error) {
      if (error instanceof LostMonitorError && left > 1) return await watch(plan, left - 1);
      throw brokenRun(error, "a plan that was watched with MONITOR", tokenOf(plan));
    }
    return { ...seen, plan: seen.offence === null ? null : plan, isCut: false };
  };
  let calls = 0;
  for (const plan of plans) {
    if (signal.aborted) return { ...notWatched, calls, isCut: true };
    const seen = await watch(plan);
    calls += seen.calls;
    if (seen.plan === null) continue;
    const smaller = isReplay ? plan : await shrink(plan, async (each) => (await watch(each)).plan !== null);
    return { ...notWatched, calls, offence: (await watch(smaller)).offence ?? seen.offence, plan: smaller };
  }
  return { ...notWatched, calls };
}

export function judgeKeys({ calls, offence, isCut }: Watched): PropertyEvidence {
  const plain = { id: "K1", exercised: calls, figures: [], tokens: [] } as const;
  if (offence !== null) return { ...plain, verdict: "violated" };
  if (calls === 0) return { ...plain, verdict: "not_exercised" };
  if (isCut) return { ...plain, verdict: "unknown", reason: `interrupted after ${calls} watched calls` };
  return { ...plain, verdict: "held" };
}

export function keyViolations({ offence, plan }: Watched, token: string): readonly Violation[] {
  if (offence === null || plan === null) return [];
  const story = [
    `a script's keys: ${offence}`,
    ...plan.moves.map((move, at) => `${String(at + 1).padStart(3)}. ${moveText(move)}`),
  ];
  return [{ property: "K1", scenario: "conform", layer: "conform", token, story, files: [] }];
}
