/** Failures of a server in the `system` model: another one answers, with a replica's data or with none. */
import type { Bounds } from "../scope.ts";
import type { Domains, State } from "../state.ts";
import type { StoreCalls } from "./calls.ts";

export class Servers {
  readonly #domains: Domains;
  readonly #epochs: number;
  readonly #calls: StoreCalls;

  constructor(domains: Domains, { epochs }: Pick<Bounds, "epochs">, calls: StoreCalls) {
    this.#domains = domains;
    this.#epochs = epochs;
    this.#calls = calls;
  }

  /** @returns false where the scope has no epoch left */
  restartWithoutData(state: State): boolean {
    return this.#answerWith(state, null);
  }

  /** @returns false where the scope has no epoch left */
  failOver(state: State): boolean {
    return this.#answerWith(state, state.replica);
  }

  /** The replica catches up with the store. */
  replicate({ store: { meta, feed, node }, replica }: State): boolean {
    replica.meta = meta;
    replica.feed.clear();
    for (const entry of feed) replica.feed.push(entry);
    for (const n of this.#domains.nodes.all) replica.node.set(n, node.get(n));
    return true;
  }

  #answerWith(state: State, found: State["replica"] | null): boolean {
    const { nextEpoch } = state.store.meta;
    if (nextEpoch > this.#epochs) return false;
    state.store.feed.clear();
    for (const entry of found?.feed ?? []) state.store.feed.push(entry);
    const { epoch, sequence } = found?.meta ?? { epoch: 0, sequence: 0 };
    state.store.meta = this.#domains.Meta.of({ epoch, sequence, isForeign: epoch > 0, nextEpoch });
    for (const n of this.#domains.nodes.all) {
      const record = found?.node.get(n) ?? null;
      state.store.node.set(n, record);
      state.completed.set(n, record?.done ?? this.#domains.JobSet.empty);
    }
    this.#calls.nameLost(state);
    return true;
  }
}
