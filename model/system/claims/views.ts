/** Predicates about the views of the instances in a state of the `system` model. */
import type { EpochHistory } from "../rules/lineage.ts";
import type { View } from "../rules/view.ts";
import type { Domains, Instance, Seen, State } from "../state.ts";

export class ViewPredicates {
  readonly #domains: Domains;
  readonly #view: View;
  readonly #lineage: EpochHistory;

  constructor(domains: Domains, view: View, lineage: EpochHistory) {
    this.#domains = domains;
    this.#view = view;
    this.#lineage = lineage;
  }

  some(state: State, is: (instance: Instance) => boolean): boolean {
    return this.#domains.instances.all.some((i) => is(state.instance.get(i)));
  }

  every(state: State, is: (instance: Instance) => boolean): boolean {
    return this.#domains.instances.all.every((i) => is(state.instance.get(i)));
  }

  isVisible({ seen, missed }: Instance, n: number): boolean {
    return seen.get(n)?.isOnline === true && !missed.get(n);
  }

  /** In the store's epoch, and the store is still the server that it was. */
  isInEpoch({ store: { meta } }: State, { version }: Instance): boolean {
    return version.epoch > 0 && version.epoch === meta.epoch && !meta.isForeign;
  }

  isCaughtUp(state: State, instance: Instance): boolean {
    return this.isInEpoch(state, instance) && instance.version.sequence === state.store.meta.sequence;
  }

  isBehind(state: State, instance: Instance): boolean {
    return this.isInEpoch(state, instance) && instance.version.sequence < state.store.meta.sequence;
  }

  /** A view was on the other side of a split before. */
  haveChangedSides(state: State): boolean {
    return this.#domains.instances.all.some((i) => this.#lineage.hasChangedSides(state, i));
  }

  /** The view holds what the store holds. */
  holdsAll(state: State, instance: Instance): boolean {
    return this.#domains.nodes.all.every((n) => this.#view.isSame(instance.seen.get(n), this.#stored(state, n)));
  }

  /** A view that is led back to a former primary stays as it is. */
  isConverged(state: State): boolean {
    return this.#domains.instances.all.every((i) => {
      const instance = state.instance.get(i);
      return this.isLedBack(state, i) || (this.isCaughtUp(state, instance) && this.holdsAll(state, instance));
    });
  }

  /** A mark hides the node, in a view that may follow the server that answers. */
  isHiddenFromSome(state: State, n: number): boolean {
    return this.#domains.instances.all.some((i) => state.instance.get(i).missed.get(n) && !this.isLedBack(state, i));
  }

  /** The server that answers is a former primary, or goes on in an epoch that the view has left. */
  isLedBack(state: State, i: number): boolean {
    const { epoch, isForeign } = state.store.meta;
    return epoch > 0 && !isForeign && this.#lineage.isBack(state, i, state.instance.get(i).version.epoch, epoch);
  }

  /** A page of such a server is in flight to an instance. */
  isPageOfFormer(state: State): boolean {
    return this.#domains.instances.all.some((i) => {
      const { version, page } = state.instance.get(i);
      return page.version !== null && this.#lineage.isBack(state, i, version.epoch, page.version.epoch);
    });
  }

  /** The feed still has every change that the view has not seen. */
  canResume(state: State, instance: Instance): boolean {
    const { meta, feed } = state.store;
    return this.isBehind(state, instance) && meta.sequence - instance.version.sequence <= feed.length;
  }

  /** The view, with the changes that the feed has for it, is what the store holds. */
  resumes(state: State, instance: Instance): boolean {
    const { epoch } = state.store.meta;
    return this.#domains.nodes.all.every((n) => {
      let held = instance.seen.get(n);
      for (const { sequence, change } of state.store.feed) {
        const isNews =
          change.n === n && sequence > instance.version.sequence && (held === null || held.sequence < sequence);
        if (isNews) held = this.#view.after(held, change, this.#domains.Version.of({ epoch, sequence }));
      }
      return this.#view.isSame(held, this.#stored(state, n));
    });
  }

  /** The view is behind, and neither a wake-up nor an answer is in flight to the instance. */
  isUnaware(state: State, instance: Instance): boolean {
    const { isWoken, change, page } = instance;
    return this.isBehind(state, instance) && !isWoken && change === null && page.version === null;
  }

  #stored({ store: { node, meta } }: State, n: number): Seen | null {
    return this.#view.seenOf(node.get(n), this.#domains.Version.of({ epoch: meta.epoch, sequence: meta.sequence }));
  }
}
