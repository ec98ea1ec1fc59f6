/** The facts that the judges of a simulated run may know before it begins. */
import type { DocumentedSettings } from "../../check/documented-settings.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Processors } from "../cost/processors.ts";
import type { Plan } from "../plan/plan.ts";

export interface Case {
  readonly plan: Plan;
  /** As documented, and as the scenario sets them; what the scheduler makes of them counts for nothing. */
  readonly settings: DocumentedSettings;
  readonly instances: number;
  readonly partitions: number;
  /** How long a read may take, and how long degradation may take to be in force. */
  readonly budget: Millis;
  /** From the end of faults and load to views that equal the store. */
  readonly convergence: Millis;
  /** From healing to `normal`. */
  readonly recovery: Millis;
  /** How far behind the store an instance in `normal` may be. */
  readonly staleness: Millis;
  /** The processors of the instances, whose computing takes time; absent: it takes none. */
  readonly processors?: Pick<Processors, "longSteps" | "spent">;
}
