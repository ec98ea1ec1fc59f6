/** `replay --point-of-no-return`: finds and reports the first moment from which a failure was inevitable. */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import type { PropertyId } from "../../check/properties.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Plan } from "../plan/plan.ts";
import { redrawn } from "../plan/redrawn.ts";
import { type RunOptions, runPlan } from "../run/run.ts";
import { findPointOfNoReturn, type PointOfNoReturn, type Share } from "./point-of-no-return.ts";

export interface ReportOptions {
  readonly plan: Plan;
  /** The declaration from which the plan was drawn. */
  readonly declared: Scenario;
  /** The property that fails. */
  readonly property: PropertyId;
  readonly createScheduler?: RunOptions["createScheduler"] | undefined;
  readonly isOver: () => boolean;
  readonly onProgress?: ((text: string) => void) | undefined;
}

const tries = 20;
/** The precision, as a share of the run's length. */
const closely = 1 / 64;

export async function pointOfNoReturnOf(of: ReportOptions): Promise<PointOfNoReturn> {
  const { createScheduler, declared, isOver, onProgress = () => {}, plan, property } = of;
  const { duration } = plan.scenario;
  let runs = 0;
  return await findPointOfNoReturn({
    ...{ duration, tries, isOver, closely: Math.max(1, duration * closely) },
    async fails(from, nth) {
      runs += 1;
      if (runs % tries === 1) onProgress(`point of no return: drawn anew from ${timeText(from)} on, run ${runs}`);
      const other = redrawn(plan, declared, from, (plan.seed + nth) >>> 0);
      const { broken, judgements } = await runPlan({ plan: other, properties: [property], createScheduler });
      return broken === null && judgements.some((one) => one.property === property && one.verdict === "violated");
    },
  });
}

export function pointOfNoReturnLines(
  { isSettled, open, shares, since }: PointOfNoReturn,
  property: PropertyId,
): readonly string[] {
  const rough = isSettled ? "" : "; there was no time to look more closely";
  return [
    since === 0
      ? `${property} fails whatever is drawn: inevitable from the start, as far as ${tries} tries show`
      : `${property} fails inevitably from ${timeText(since)} on, and did not yet at ${timeText(open)}${rough}`,
    ...shares.map((share) => `  drawn anew from ${timeText(share.from).padStart(10)} on: ${shareText(share)}`),
    `  as it was to the end: failed`,
  ];
}

function shareText({ failed, tries: tried }: Share): string {
  return `${String(failed).padStart(2)} of ${tried} fail  ${"#".repeat(Math.round((failed / tried) * 20))}`;
}

function timeText(at: Millis): string {
  return `${(at / 1_000).toFixed(3)} s`;
}
