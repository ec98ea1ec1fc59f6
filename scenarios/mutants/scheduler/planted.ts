/** A wrong scheduler: the right one with a few lines changed, and what has to notice. */
import type { PropertyId } from "../../../src/check/properties.ts";

export interface Planted {
  readonly id: string;
  /** What was changed, and where such a mistake comes from. */
  readonly origin: string;
  /** The scenario that shows it on real servers; absent: none is known to. */
  readonly scenario?: string;
  /** The scenario whose seeds show it in simulation; null: none does, and `unseen` says why. */
  readonly simulated: string | null;
  readonly unseen?: string;
  /** It is seen only where what is computed takes virtual time. */
  readonly isCharged?: true;
  /** The property that it breaks: it has to be among those that the verdict names. */
  readonly property: PropertyId;
  /** `find` is in the file exactly once. */
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
}
