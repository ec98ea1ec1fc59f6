/** The values of the `system` model that say which epochs continue which: sets of epochs, and the place of one (docs/protocol.md, section 3). */
import { type Domain, integer, names, only, type ValueOf } from "../language/domain.ts";
import { type Subset, setOf } from "../language/subset.ts";
import { record } from "../language/value.ts";
import type { Succession as FullSuccession } from "../partition/command.ts";

export type EpochSet = Subset;
export type Succession = ValueOf<EpochOrder["Succession"]>;

/** Without a former primary the numbers of the epochs are their order, so that nothing is kept: every set is empty. */
export class EpochOrder {
  /** All epochs by number, with 0: none yet. */
  readonly epochs;
  readonly EpochSet: Domain<EpochSet>;
  readonly Succession;
  readonly empty: EpochSet;
  /** The place of epoch 0. */
  readonly none;
  readonly isKept: boolean;

  constructor(epochs: number, isKept: boolean) {
    this.isKept = isKept;
    this.epochs = names("epoch", epochs + 1, false);
    const sets = setOf(this.epochs);
    this.empty = sets.empty;
    this.EpochSet = isKept ? sets : only<EpochSet>(sets.empty, "no epoch");
    this.Succession = record("succession", { generation: integer(0, isKept ? epochs : 0), past: this.EpochSet });
    this.none = this.Succession.of({ generation: 0, past: this.empty });
  }

  successionOf({ generation, past }: FullSuccession): Succession {
    return this.isKept ? this.Succession.of({ generation, past: this.with(this.empty, ...past) }) : this.none;
  }

  membersOf(set: EpochSet): readonly number[] {
    return this.epochs.all.filter((epoch) => set.has(epoch));
  }

  with(set: EpochSet, ...epochs: readonly number[]): EpochSet {
    return this.isKept ? epochs.reduce((all, epoch) => (epoch > 0 ? all.with(epoch) : all), set) : set;
  }

  /** The epoch with which all began that the last one continues. */
  firstOf(past: EpochSet, last: number): number {
    return this.membersOf(past)[0] ?? last;
  }
}
