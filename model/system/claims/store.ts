/** Predicates about the store and the calls in flight to it, in a state of the `system` model. */
import { isAlive } from "../rules/clock.ts";
import type { Bounds } from "../scope.ts";
import type { Domains, Message, State } from "../state.ts";
import { lastSequence, type ModelStore } from "../store.ts";

export class StorePredicates {
  readonly #domains: Domains;
  readonly #bounds: Bounds;
  readonly #store: ModelStore;

  constructor(domains: Domains, bounds: Bounds, store: ModelStore) {
    this.#domains = domains;
    this.#bounds = bounds;
    this.#store = store;
  }

  /** No invariant of the partition with this id is broken: the same that `conform` judges on a real store. */
  keeps(id: string): (state: State) => boolean {
    return (state) => this.#store.broken(state.store).every((each) => each.property !== id);
  }

  isOnline({ store }: State, n: number): boolean {
    return store.node.get(n)?.status === "online";
  }

  isLive({ store }: State, n: number, j: number): boolean {
    return store.node.get(n)?.jobs.has(j) ?? false;
  }

  hasJobs({ store }: State): boolean {
    return this.#domains.nodes.all.some((n) => (store.node.get(n)?.jobs.size ?? 0) > 0);
  }

  /** The scope has no further version, or no further epoch. */
  hasRunOut({ store: { meta } }: State): boolean {
    return meta.sequence === lastSequence(this.#bounds, meta.epoch) || meta.nextEpoch > this.#bounds.epochs + 1;
  }

  /** A job was reserved, and its client does not know it. */
  isUnanswered(state: State): boolean {
    return this.#domains.jobs.all.some((j) => {
      const job = state.job.get(j);
      return job.kind === "asked" && this.isLive(state, job.n, j);
    });
  }

  /** A job was reserved, and no client knows what has become of its own reserve, which is not in flight. */
  lacksAnswers(state: State): boolean {
    const isAwaited = (j: number): boolean =>
      state.job.get(j).kind === "asked" &&
      !someMessage(state, (message) => message.kind === "Reserve" && message.j === j);
    return this.isUnanswered(state) && this.#domains.jobs.all.every(isAwaited);
  }

  /** A reserve in flight meets an online node that has no room. */
  meetsFullNode(state: State): boolean {
    return someMessage(state, (message) => {
      if (message.kind !== "Reserve") return false;
      const node = state.store.node.get(message.n);
      if (node === null || node.status !== "online") return false;
      return node.jobs.size >= this.#bounds.capacity && !node.jobs.has(message.j);
    });
  }

  /** With a clock: a node that sends its heartbeats is past its time. */
  hasLateNode(state: State): boolean {
    return this.#domains.nodes.all.some((n) => isAlive(state, n) && state.store.node.get(n)?.expiresIn === 0);
  }

  /** With a clock: the store has a node as online that sends no heartbeats any more. */
  hasSilentNode(state: State): boolean {
    return this.#domains.nodes.all.some((n) => state.pulse.get(n) === "silent" && this.isOnline(state, n));
  }

  hasLateHeartbeat(state: State): boolean {
    return someMessage(state, (message) => {
      if (message.kind !== "Heartbeat") return false;
      const node = state.store.node.get(message.n);
      return node !== null && node.status === "online" && node.incarnation !== message.incarnation;
    });
  }

  /** One in flight that a later one has overtaken, or that is delivered once more. */
  hasLateRegistration(state: State): boolean {
    return someMessage(
      state,
      (message) => message.kind === "Register" && message.life < (state.store.node.get(message.n)?.life ?? 0),
    );
  }

  hasLateCompletion(state: State): boolean {
    return someMessage(
      state,
      (message) => message.kind === "Complete" && state.completed.get(message.n).has(message.j),
    );
  }
}

function someMessage({ net }: State, is: (message: Message) => boolean): boolean {
  for (let index = 0; index < net.size; index += 1) if (is(net.at(index))) return true;
  return false;
}
