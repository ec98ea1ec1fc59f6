/** Failures of a server in the `system` model: another one answers, with a replica's data or with none, or a former primary. */
import type { Bounds } from "../scope.ts";
import type { Domains, FeedEntry, Meta, State, Store, StoredNode } from "../state.ts";
import type { StoreCalls } from "./calls.ts";

interface Data {
  readonly meta: Meta;
  readonly feed: readonly FeedEntry[];
  readonly nodes: readonly (StoredNode | null)[];
}

export class Servers {
  readonly #domains: Domains;
  readonly #epochs: number;
  readonly #hasFormer: boolean;
  readonly #calls: StoreCalls;

  constructor(
    domains: Domains,
    { epochs, formerPrimaries }: Pick<Bounds, "epochs" | "formerPrimaries">,
    calls: StoreCalls,
  ) {
    this.#domains = domains;
    this.#epochs = epochs;
    this.#hasFormer = formerPrimaries === 1;
    this.#calls = calls;
  }

  /** @returns false where the scope has no epoch left */
  restartWithoutData(state: State): boolean {
    return this.#hasEpochLeft(state) && this.#answerWith(state, { meta: this.#domains.unwritten, feed: [], nodes: [] });
  }

  mayRestart({ store: { meta } }: State): boolean {
    return this.#hasFormer && meta.epoch > 0 && !meta.isForeign;
  }

  /** The server comes back with its data, as another one. @returns false where the scope has no epoch left */
  restart(state: State): boolean {
    return this.#hasEpochLeft(state) && this.#answerWith(state, asForeign(this.#domains, dataOf(state.store)));
  }

  /** The replica is promoted, and what was the primary is gone, or goes on. @returns false where the scope has no epoch left */
  failOver(state: State): boolean {
    if (!this.#hasEpochLeft(state)) return false;
    const promoted = asForeign(this.#domains, dataOf(state.replica));
    if (this.#hasFormer) {
      this.#setAside(state);
      state.isReplicaFormer = true;
    }
    return this.#answerWith(state, promoted);
  }

  /** The former primary answers, which has gone on as it was; the one that answered until now becomes a former one. */
  leadBack(state: State): boolean {
    const former = dataOf(state.replica);
    this.#setAside(state);
    return this.#answerWith(state, former);
  }

  /** The replica catches up with the store. A former primary becomes one. */
  replicate(state: State): boolean {
    this.#put(dataOf(state.store), state.replica);
    state.isReplicaFormer = false;
    return true;
  }

  /** The server that has answered until now goes on beside. It is asked for no epoch there, so the number of the next one is of no use. */
  #setAside({ store, replica }: State): void {
    const data = dataOf(store);
    this.#put({ ...data, meta: this.#domains.Meta.of({ ...data.meta, nextEpoch: 1 }) }, replica);
  }

  #hasEpochLeft({ store: { meta } }: State): boolean {
    return meta.nextEpoch <= this.#epochs;
  }

  #answerWith(state: State, data: Data): boolean {
    const { nextEpoch } = state.store.meta;
    this.#put({ ...data, meta: this.#domains.Meta.of({ ...data.meta, nextEpoch }) }, state.store);
    for (const n of this.#domains.nodes.all) {
      state.completed.set(n, data.nodes[n]?.done ?? this.#domains.JobSet.empty);
    }
    this.#calls.nameLost(state);
    return true;
  }

  #put({ meta, feed, nodes }: Data, store: Store): void {
    store.meta = meta;
    store.feed.clear();
    for (const entry of feed) store.feed.push(entry);
    for (const n of this.#domains.nodes.all) store.node.set(n, nodes[n] ?? null);
  }
}

function dataOf({ meta, feed, node }: State["replica"]): Data {
  return { meta, feed: [...feed], nodes: [...node.values] };
}

/** The data of a server, met by another one: what it writes begins an epoch. */
function asForeign({ Meta }: Domains, data: Data): Data {
  return { ...data, meta: Meta.of({ ...data.meta, isForeign: data.meta.epoch > 0 }) };
}
