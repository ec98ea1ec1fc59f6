/** A mutant of the scheduler: a few changed lines, and the property and scenario that have to show them. */
import type { PropertyId } from "../../../src/check/properties.ts";

export interface SchedulerMutant {
  readonly id: string;
  /** The change, and the origin of such a mistake. */
  readonly origin: string;
  /** The scenario that shows it on real servers; absent: none is known to. */
  readonly scenario?: string;
  /** The scenario with seeds that show it in simulation; null: none does, and `unseen` says why. */
  readonly simulated: string | null;
  readonly unseen?: string;
  /** It shows only where computing takes virtual time. */
  readonly isCharged?: true;
  /** The property that it breaks, which has to be among those that the verdict names. */
  readonly property: PropertyId;
  /** `find` is in the file exactly once. */
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
}
