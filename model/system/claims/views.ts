/** Predicates about the views of the instances in a state of the `system` model. */
import type { View } from "../rules/view.ts";
import type { Domains, Instance, Seen, State } from "../state.ts";

export class ViewPredicates {
  readonly #domains: Domains;
  readonly #view: View;

  constructor(domains: Domains, view: View) {
    this.#domains = domains;
    this.#view = view;
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

  /** The view holds what the store holds. */
  holdsAll(state: State, instance: Instance): boolean {
    return this.#domains.nodes.all.every((n) => this.#view.isSame(instance.seen.get(n), this.#stored(state, n)));
  }

  isConverged(state: State): boolean {
    return this.every(state, (instance) => this.isCaughtUp(state, instance) && this.holdsAll(state, instance));
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
