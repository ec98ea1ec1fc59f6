/** The result of a search and of the judging after it. */
import type { Model } from "../../model/language/machine.ts";
import type { Lasso } from "./properties/liveness.ts";
import type { ReferenceInterpreter } from "./properties/reference-interpreter.ts";
import type { Subject } from "./search/job.ts";
import type { Found } from "./search/worker-pool.ts";

export interface Outcome {
  readonly model: Model;
  readonly subject: Subject;
  readonly threads: number;
  /** Why there are fewer than were asked for; null: there are not. */
  readonly threadsNote: string | null;
  readonly reference: ReferenceInterpreter;
  readonly found: Found;
  readonly lassos: readonly (Lasso | null)[] | null;
  readonly seconds: number;
  /** Every state was seen and every property judged. */
  readonly isComplete: boolean;
  /** Most states to visit for the point of no return of a counterexample; 0: it is not computed. */
  readonly pointOfNoReturnStates: number;
}
