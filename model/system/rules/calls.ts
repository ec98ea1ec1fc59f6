/** Calls of the store in the `system` model: a message arrives, its sender takes the reply, and the store's time is up. */
import type { Reply } from "../../partition/command.ts";
import type { Ask } from "../commands.ts";
import type { Domains, Group, Message, State, Version } from "../state.ts";
import type { ModelStore } from "../store.ts";
import type { EpochHistory } from "./lineage.ts";
import type { View } from "./view.ts";

/** All rules return false, or null, where the scope ends: more versions or epochs than it has would be needed. */
export class StoreCalls {
  protected readonly domains: Domains;
  readonly #store: ModelStore;
  readonly #view: View;
  readonly #lineage: EpochHistory;

  constructor(domains: Domains, store: ModelStore, view: View, lineage: EpochHistory) {
    this.domains = domains;
    this.#store = store;
    this.#view = view;
    this.#lineage = lineage;
  }

  /** The store executes a call, and wakes the instances if its version has moved. @returns null where the scope ends, or the store is away */
  ask(state: State, what: Ask): Reply | null {
    if (state.isAway) return null;
    const before = state.store.meta;
    const reply = this.#store.call(state.store, what);
    if (reply === null) return null;
    const { epoch, sequence } = state.store.meta;
    if (epoch !== before.epoch) this.#lineage.begin(state, epoch, before.epoch);
    if (epoch !== before.epoch || sequence !== before.sequence) this.announce(state);
    return reply;
  }

  /** @returns false where an equal message is in flight already */
  send(state: State, message: Message): boolean {
    if (state.net.has(message)) return false;
    state.net.add(message);
    return true;
  }

  /** A message arrives. @param isAnswered whether the sender gets the reply */
  serve(state: State, message: Message, isAnswered: boolean): boolean {
    switch (message.kind) {
      case "Register":
        return this.#register(state, message, isAnswered);
      case "Heartbeat":
        return this.#heartbeat(state, message.n, message.incarnation, message.seq);
      case "Reserve":
        return this.#reserve(state, message.n, message.j, isAnswered);
      case "Complete":
        return this.#complete(state, message.n, message.j, isAnswered);
      case "Found":
        if (isAnswered) this.#view.find(state.instance.get(message.i), message.n, message.at, message.seen);
        return true;
    }
  }

  /** Messages arrive as one call: they are served in their order, at one time, and answered together. */
  serveGroup(state: State, group: Group, isAnswered: boolean): boolean {
    return group.every((message) => this.serve(state, message, isAnswered));
  }

  /** A node's time is up. */
  expire(state: State, n: number): boolean {
    if (this.ask(state, { kind: "expire", n }) === null) return false;
    this.nameLost(state);
    return true;
  }

  mayLapse({ store }: State, n: number, j: number): boolean {
    return store.node.get(n)?.jobs.has(j) ?? false;
  }

  /** The lease of a job is up. */
  lapse(state: State, n: number, j: number): boolean {
    if (this.ask(state, { kind: "lapse", n, j }) === null) return false;
    this.nameLost(state);
    return true;
  }

  /** Names reservations as lost that the store no longer has: its node began an incarnation or went, a lease lapsed or data were lost. */
  nameLost(state: State): void {
    const { lost } = this.domains.Job.make;
    for (const j of this.domains.jobs.all) {
      const job = state.job.get(j);
      if (job.kind === "held" && !state.store.node.get(job.n)?.jobs.has(j)) state.job.set(j, lost({ n: job.n }));
    }
    for (const n of this.domains.nodes.all) {
      if (state.store.node.get(n) === null) state.completed.set(n, this.domains.JobSet.empty);
    }
  }

  /** A change is written, and announced to all instances. */
  protected announce(state: State): void {
    this.wakeAll(state);
  }

  protected wakeAll(state: State): void {
    for (const i of this.domains.instances.all) state.instance.get(i).isWoken = true;
  }

  #register(state: State, { n, life, expected }: Extract<Message, { kind: "Register" }>, isAnswered: boolean): boolean {
    const { Agent, Version } = this.domains;
    const before = state.store.node.get(n);
    const reply = this.ask(state, { kind: "register", n, life, expected });
    if (reply === null) return false;
    if (reply.kind === "registered") {
      if (before !== null && before.life > life) state.overwritten = true;
      this.nameLost(state);
    }
    const agent = state.agent.get(n);
    if (!isAnswered || life !== agent.life) return true;
    if ((reply.kind === "registered" || reply.kind === "already") && reply.incarnation !== undefined) {
      state.agent.set(
        n,
        Agent.of({ life, expected: null, incarnation: Version.of(reply.incarnation), seq: agent.seq }),
      );
    }
    // The node decides to replace what there is.
    if (reply.kind === "conflict" && agent.incarnation === null) {
      const found = reply.incarnation && Version.of(reply.incarnation);
      state.agent.set(n, Agent.of({ life, expected: found, incarnation: null, seq: agent.seq }));
    }
    return true;
  }

  #heartbeat(state: State, n: number, incarnation: Version, seq: number): boolean {
    const before = state.store.node.get(n);
    const reply = this.ask(state, { kind: "heartbeat", n, incarnation, seq });
    if (reply === null) return false;
    const isLate = before !== null && (before.incarnation !== incarnation || seq <= before.heartbeatSeq);
    if (reply.kind === "renewed" && isLate) state.overwritten = true;
    return true;
  }

  #reserve(state: State, n: number, j: number, isAnswered: boolean): boolean {
    const { idle, held, over } = this.domains.Job.make;
    const reply = this.ask(state, { kind: "reserve", n, j });
    if (reply === null) return false;
    const job = state.job.get(j);
    if (!isAnswered || job.kind !== "asked" || job.n !== n) return true;
    const isTaken = reply.kind === "reserved" || reply.kind === "already";
    state.job.set(j, isTaken ? held({ n }) : reply.kind === "finished" ? over({}) : idle({}));
    return true;
  }

  #complete(state: State, n: number, j: number, isAnswered: boolean): boolean {
    const isLive = state.store.node.get(n)?.jobs.has(j) ?? false;
    const reply = this.ask(state, { kind: "complete", n, j });
    if (reply === null) return false;
    if (isLive) state.completed.set(n, state.completed.get(n).with(j));
    if (isAnswered && state.job.get(j).kind === "ending") state.job.set(j, this.domains.Job.make.over({}));
    return true;
  }
}
