/** What a search and the judging after it came to, before anybody tells it. */
import type { Model } from "../../model/language/machine.ts";
import type { Lasso } from "./properties/liveness.ts";
import type { Twin } from "./properties/reference-interpreter.ts";
import type { Subject } from "./search/job.ts";
import type { Found } from "./search/worker-pool.ts";

export interface Outcome {
  readonly model: Model;
  readonly subject: Subject;
  readonly threads: number;
  /** Why there are fewer than were asked for; null: there are not. */
  readonly threadsNote: string | null;
  readonly twin: Twin;
  readonly found: Found;
  readonly lassos: readonly (Lasso | null)[] | null;
  readonly seconds: number;
  /** Every state was seen and every property judged. */
  readonly isComplete: boolean;
  /** Most states to look at for since when a counterexample was doomed; 0: it is not asked. */
  readonly doomStates: number;
}
