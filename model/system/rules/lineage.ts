/** The true order of epochs, in witnesses of the `system` model: no rule of the store or of an instance reads them. */
import type { Domains, State } from "../state.ts";

export class EpochHistory {
  readonly #domains: Domains;

  constructor(domains: Domains) {
    this.#domains = domains;
  }

  /** @param found the epoch that the new one continues; 0: it begins with nothing */
  begin({ ancestors }: State, epoch: number, found: number): void {
    ancestors.set(epoch, this.#domains.order.with(ancestors.get(found), found));
  }

  /** A view comes from one epoch to another. */
  enter({ ancestors, known }: State, i: number, epoch: number): void {
    const { order } = this.#domains;
    known.set(i, order.with(known.get(i), epoch, ...order.membersOf(ancestors.get(epoch))));
  }

  forget({ known }: State, i: number): void {
    known.set(i, this.#domains.order.empty);
  }

  /** A view that comes to this epoch goes back: it was there or later, or the epoch is of a former primary. @param from the view's epoch */
  isBack(state: State, i: number, from: number, epoch: number): boolean {
    if (epoch === from || from === 0) return false;
    if (!this.#domains.order.isKept) return epoch < from;
    return state.known.get(i).has(epoch) || this.#isFormer(state, from, epoch);
  }

  /** The view was in another epoch that continues the same first one, and as many. */
  hasChangedSides({ ancestors, known, instance }: State, i: number): boolean {
    const { order } = this.#domains;
    const { epoch } = instance.get(i).version;
    const own = ancestors.get(epoch);
    return order.membersOf(known.get(i)).some((other) => {
      const past = ancestors.get(other);
      return other !== epoch && past.size === own.size && order.firstOf(past, other) === order.firstOf(own, epoch);
    });
  }

  /** Both continue the same first epoch, and the other continues fewer. */
  #isFormer({ ancestors }: State, from: number, epoch: number): boolean {
    const { order } = this.#domains;
    const [own, other] = [ancestors.get(from), ancestors.get(epoch)];
    return order.firstOf(own, from) === order.firstOf(other, epoch) && other.size < own.size;
  }
}
