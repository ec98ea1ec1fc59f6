/** Time in a scope of the `system` model with a clock: ticks, heartbeats, sweeps, and a store that is away. */
import { clock } from "../commands.ts";
import type { Bounds } from "../scope.ts";
import type { Domains, State, Store } from "../state.ts";
import type { StoreCalls } from "./calls.ts";

export class Clock {
  readonly #domains: Domains;
  readonly #calls: StoreCalls;
  readonly isThere: boolean;

  constructor(domains: Domains, { ttl }: Pick<Bounds, "ttl">, calls: StoreCalls) {
    this.#domains = domains;
    this.#calls = calls;
    this.isThere = ttl > 0;
  }

  /** While the store answers, the instances sweep in each tick, and each node sends its heartbeat. */
  mayTick(state: State): boolean {
    if (!this.isThere || state.isAway) return this.isThere;
    return state.isSwept && this.#domains.nodes.all.every((n) => !this.mayBeat(state, n));
  }

  tick(state: State): boolean {
    this.#age(state.store);
    this.#age(state.replica);
    state.isSwept = false;
    for (const n of this.#domains.nodes.all) if (state.pulse.get(n) === "sent") state.pulse.set(n, "due");
    return true;
  }

  mayBeat({ agent, pulse }: State, n: number): boolean {
    const isOwed = pulse.get(n) === "new" || pulse.get(n) === "due";
    return this.isThere && agent.get(n).incarnation !== null && isOwed;
  }

  beat(state: State, n: number): boolean {
    const { incarnation } = state.agent.get(n);
    if (incarnation === null) return false;
    const reply = this.#calls.ask(state, { kind: "beat", n, incarnation });
    if (reply === null) return false;
    // A node that the store does not know would register again, which is another life.
    state.pulse.set(n, reply.kind === "renewed" ? "sent" : "silent");
    return true;
  }

  /** The process of the node ends. */
  fallSilent(state: State, n: number): boolean {
    state.pulse.set(n, "silent");
    return true;
  }

  sweep(state: State): boolean {
    const alive = this.#domains.nodes.all.filter((n) => isAlive(state, n));
    const jobs = alive.map((n) => state.store.node.get(n)?.jobs);
    if (this.#calls.ask(state, { kind: "sweep" }) === null) return false;
    state.isSwept = true;
    this.#calls.nameLost(state);
    const isWhole = alive.every((n, index) => isAlive(state, n) && state.store.node.get(n)?.jobs === jobs[index]);
    if (!isWhole) state.sweptAlive = true;
    return true;
  }

  #age(store: Store | State["replica"]): void {
    const { Meta, StoredNode, nodes } = this.#domains;
    const { meta } = store;
    if (meta.epoch === 0) return;
    const sweptAgo = meta.sweptAgo < 0 ? -1 : Math.min(clock.gap + 1, meta.sweptAgo + 1);
    store.meta = Meta.of({ ...meta, sweptAgo, heldFor: Math.max(0, meta.heldFor - 1) });
    for (const n of nodes.all) {
      const record = store.node.get(n);
      if (record === null) continue;
      const [expiresIn, leaseIn] = [Math.max(0, record.expiresIn - 1), Math.max(0, record.leaseIn - 1)];
      store.node.set(n, StoredNode.of({ ...record, expiresIn, leaseIn }));
    }
  }
}

/** The node sends its heartbeats, and the store has it as online. */
export function isAlive({ store, agent, pulse }: State, n: number): boolean {
  const record = store.node.get(n);
  if (record === null || record.status !== "online") return false;
  const isBeating = pulse.get(n) === "due" || pulse.get(n) === "sent";
  return isBeating && record.incarnation === agent.get(n).incarnation;
}
