/** How an instance of the `system` model follows the feed: what it asks the store for, and what the answers do when they arrive. */
import type { FeedEntry, Version as FullVersion } from "../../partition/command.ts";
import type { Domains, Instance, State } from "../state.ts";
import type { ModelStore } from "../store.ts";
import type { StoreCalls } from "./calls.ts";
import type { EpochHistory } from "./lineage.ts";
import type { View } from "./view.ts";

export interface FollowingParts {
  readonly domains: Domains;
  /** Entries that the feed keeps. */
  readonly feedEntries: number;
  /** The highest sequence in an epoch. */
  readonly sequences: number;
  readonly store: ModelStore;
  readonly calls: StoreCalls;
  readonly view: View;
  readonly lineage: EpochHistory;
}

export class Following {
  protected readonly parts: FollowingParts;

  constructor(parts: FollowingParts) {
    this.parts = parts;
  }

  /** An instance polls, woken or not, while no answer is in flight to it. */
  mayFetch(instance: Instance): boolean {
    return !this.hasAnswerInFlight(instance);
  }

  hasAnswerInFlight({ change, page }: Instance): boolean {
    return change !== null || page.version !== null;
  }

  /** The instance asks for the changes that it has missed. The answer is in flight then: one change, or a page where the feed has a gap. */
  fetch(state: State, instance: Instance): boolean {
    const wasWoken = instance.isWoken;
    const wasBegun = state.store.meta.epoch > 0 && !state.store.meta.isForeign;
    const reply = this.parts.calls.ask(state, { kind: "changes", since: this.since(state, instance) });
    if (reply === null) return false;
    instance.isWoken = false;
    if (reply.kind === "resync") return this.loadPage(state, instance);
    if (reply.kind !== "changes") throw new TypeError(`changes_since answered ${reply.kind}`);
    const [entry] = reply.entries;
    if (entry !== undefined) return this.takeChange(state, instance, entry, reply.version);
    this.takeNothing(instance, reply.version, wasWoken);
    return wasWoken || !wasBegun;
  }

  learn(state: State, i: number): boolean {
    return this.#arrive(state, i, "learn");
  }

  resync(state: State, i: number): boolean {
    return this.#arrive(state, i, "resync");
  }

  lookUp(state: State, i: number, n: number): boolean {
    const { domains, calls, view } = this.parts;
    if (state.instance.get(i).version.epoch === 0) return false;
    if (calls.ask(state, { kind: "snapshot", nodes: [] }) === null) return false;
    const { epoch, sequence } = state.store.meta;
    const at = domains.Version.of({ epoch, sequence });
    const seen = view.seenOf(state.store.node.get(n), at);
    return calls.send(state, domains.Message.make.Found({ i, n, at, seen }));
  }

  /** The answers in flight to the instance are lost. */
  loseAnswers(instance: Instance): void {
    instance.change = null;
    instance.page.version = null;
    instance.page.succession = this.parts.domains.order.none;
    for (const n of this.parts.domains.nodes.all) instance.page.seen.set(n, null);
  }

  /** The instance starts again with nothing. */
  crash(state: State, i: number): void {
    const { domains, lineage } = this.parts;
    const instance = state.instance.get(i);
    instance.version = domains.Version.of({ epoch: 0, sequence: 0 });
    instance.succession = domains.order.none;
    instance.abandoned = domains.order.empty;
    lineage.forget(state, i);
    instance.isWoken = false;
    for (const n of domains.nodes.all) {
      instance.seen.set(n, null);
      instance.missed.set(n, false);
    }
    this.loseAnswers(instance);
  }

  /** The version after which the instance asks for changes. */
  protected since(_state: State, { version: { epoch, sequence } }: Instance): FullVersion {
    return { epoch, sequence };
  }

  protected takeChange(_state: State, instance: Instance, { sequence, change }: FeedEntry, at: FullVersion): boolean {
    const { domains, store } = this.parts;
    const version = domains.Version.of({ epoch: at.epoch, sequence });
    instance.change = domains.News.of({ version, change: store.fields.changeOf(change) });
    return true;
  }

  /** The feed has no later change: the view stays as it is. */
  protected takeNothing(_instance: Instance, _at: FullVersion, _wasWoken: boolean): void {}

  protected loadPage(state: State, instance: Instance): boolean {
    const { domains, view, feedEntries } = this.parts;
    const { meta } = state.store;
    const { epoch, sequence } = instance.version;
    const missed = meta.sequence - sequence;
    if (epoch === meta.epoch && missed >= 0 && missed <= feedEntries) state.reloaded = true;
    const version = domains.Version.of({ epoch: meta.epoch, sequence: meta.sequence });
    instance.page.version = version;
    instance.page.succession = meta.succession;
    for (const n of domains.nodes.all) instance.page.seen.set(n, view.seenOf(state.store.node.get(n), version));
    return true;
  }

  /** An answer reaches the instance; the state records whether that took the view back. */
  #arrive(state: State, i: number, answer: "learn" | "resync"): boolean {
    const { view, lineage } = this.parts;
    const instance = state.instance.get(i);
    const before = instance.version;
    view[answer](instance);
    const { epoch, sequence } = instance.version;
    const isBack = epoch === before.epoch ? sequence < before.sequence : lineage.isBack(state, i, before.epoch, epoch);
    if (isBack) state.wentBack = true;
    lineage.enter(state, i, epoch);
    return true;
  }
}
