/** What happens in the `system` model when a message reaches the store, when an instance asks, and when a server goes. */
import type { Reply } from "../partition/command.ts";
import type { Ask } from "./calls.ts";
import type { Bounds } from "./scope.ts";
import type { Instance, Message, State, Version, Words } from "./state.ts";
import type { StoreOfSystem } from "./store.ts";
import type { ViewRules } from "./view.ts";

export interface Parts {
  readonly words: Words;
  readonly bounds: Bounds;
  readonly store: StoreOfSystem;
  readonly view: ViewRules;
  readonly design: string | null;
}

/** All answer false, or null, where the scope ends: more versions or epochs than it has would be needed. */
export interface Rules {
  ask(state: State, what: Ask): Reply | null;
  send(state: State, message: Message): boolean;
  serve(state: State, message: Message, isAnswered: boolean): boolean;
  fetch(state: State, instance: Instance): boolean;
  reach(state: State, i: number, arrive: (instance: Instance) => void): boolean;
  forget(instance: Instance): boolean;
  nameLost(state: State): void;
  failOver(state: State, hasData: boolean): boolean;
}

export function rulesOf({ words, bounds, store, view, design }: Parts): Rules {
  const { nodes, jobs, instances, Job, Agent, Meta, Version } = words;
  const { idle, held, lost, over } = Job.make;

  /** The store does what it is asked, and wakes the instances if its version has moved. @returns null where the scope ends */
  function ask(state: State, what: Ask) {
    const before = state.store.meta;
    const reply = store.call(state.store, what);
    if (reply === null) return null;
    const { epoch, sequence } = state.store.meta;
    const hasMoved = epoch !== before.epoch || sequence !== before.sequence;
    if (hasMoved && design !== "published-first") wakeAll(state);
    return reply;
  }

  function wakeAll(state: State): void {
    for (const i of instances.all) state.instance.get(i).isWoken = true;
  }

  /** @returns false where it is on its way already */
  function send(state: State, message: Message): boolean {
    if (state.net.has(message)) return false;
    state.net.add(message);
    if (design === "published-first" && message.kind !== "Found") wakeAll(state);
    return true;
  }

  /** A message does its work at the store. @param isAnswered whether the sender is told. @returns false where the scope ends */
  function serve(state: State, message: Message, isAnswered: boolean): boolean {
    switch (message.kind) {
      case "Register":
        return register(state, message.n, message.life, isAnswered);
      case "Heartbeat":
        return heartbeat(state, message.n, message.incarnation, message.seq);
      case "Reserve":
        return reserve(state, message.n, message.j, isAnswered);
      case "Complete":
        return complete(state, message.n, message.j, isAnswered);
      case "Found":
        if (isAnswered) view.find(state.instance.get(message.i), message.n, message.at, message.seen);
        return true;
    }
  }

  function register(state: State, n: number, life: number, isAnswered: boolean): boolean {
    const before = state.store.node.get(n);
    const reply = ask(state, { kind: "register", n, life });
    if (reply === null) return false;
    if (reply.kind === "registered") {
      if (before?.former.has(life)) state.overwritten = true;
      nameLost(state);
    }
    const agent = state.agent.get(n);
    if (!isAnswered || life !== agent.life) return true;
    if ((reply.kind === "registered" || reply.kind === "already") && reply.incarnation !== undefined) {
      state.agent.set(n, Agent.of({ life, incarnation: Version.of(reply.incarnation), seq: agent.seq }));
    }
    return true;
  }

  function heartbeat(state: State, n: number, incarnation: Version, seq: number): boolean {
    const before = state.store.node.get(n);
    const reply = ask(state, { kind: "heartbeat", n, incarnation, seq });
    if (reply === null) return false;
    const isLate = before !== null && (before.incarnation !== incarnation || seq <= before.heartbeatSeq);
    if (reply.kind === "renewed" && isLate) state.overwritten = true;
    return true;
  }

  function reserve(state: State, n: number, j: number, isAnswered: boolean): boolean {
    const reply = ask(state, { kind: "reserve", n, j });
    if (reply === null) return false;
    const job = state.job.get(j);
    if (!isAnswered || job.kind !== "asked" || job.n !== n) return true;
    const isTaken = reply.kind === "reserved" || reply.kind === "already";
    state.job.set(j, isTaken ? held({ n }) : reply.kind === "finished" ? over({}) : idle({}));
    return true;
  }

  function complete(state: State, n: number, j: number, isAnswered: boolean): boolean {
    const isLive = state.store.node.get(n)?.jobs.has(j) ?? false;
    const reply = ask(state, { kind: "complete", n, j });
    if (reply === null) return false;
    if (isLive) state.completed.set(n, state.completed.get(n).with(j));
    if (isAnswered && state.job.get(j).kind === "ending") state.job.set(j, over({}));
    return true;
  }

  /** What the store no longer has, because a node began a new life or went, a lease lapsed or data were lost, is named as lost. */
  function nameLost(state: State): void {
    for (const j of jobs.all) {
      const job = state.job.get(j);
      if (job.kind === "held" && !state.store.node.get(job.n)?.jobs.has(j)) state.job.set(j, lost({ n: job.n }));
    }
    for (const n of nodes.all) {
      const done = state.store.node.get(n)?.done;
      if (done === undefined) state.completed.set(n, words.JobSet.empty);
    }
  }

  /** The store answers as a server that it was not: its data are the replica's, or none. */
  function failOver(state: State, hasData: boolean): boolean {
    const { nextEpoch } = state.store.meta;
    if (nextEpoch > bounds.epochs) return false;
    const found = hasData ? state.replica : null;
    state.store.feed.clear();
    for (const entry of found?.feed ?? []) state.store.feed.push(entry);
    const { epoch, sequence } = found?.meta ?? { epoch: 0, sequence: 0 };
    state.store.meta = Meta.of({ epoch, sequence, isForeign: epoch > 0, nextEpoch });
    for (const n of nodes.all) {
      const record = found?.node.get(n) ?? null;
      state.store.node.set(n, record);
      state.completed.set(n, record?.done ?? words.JobSet.empty);
    }
    nameLost(state);
    return true;
  }

  /** The instance asks what it has missed; the answer is on its way. A page, where the feed cannot tell. */
  function fetch(state: State, instance: Instance): boolean {
    const { epoch, sequence } = instance.version;
    const since =
      design === "epochs-ignored" && epoch > 0 ? { epoch: state.store.meta.epoch, sequence } : { epoch, sequence };
    const wasWoken = instance.isWoken;
    const wasBegun = state.store.meta.epoch > 0 && !state.store.meta.isForeign;
    const reply = ask(state, { kind: "changes", since });
    if (reply === null) return false;
    instance.isWoken = false;
    if (reply.kind === "resync") return loadPage(state, instance, epoch);
    if (reply.kind !== "changes") throw new TypeError(`changes_since answered ${reply.kind}`);
    const [entry] = reply.entries;
    if (entry === undefined) {
      if (design === "epochs-ignored") instance.version = Version.of({ epoch: reply.version.epoch, sequence });
      if (design === "published-first" && wasWoken && sequence < bounds.sequences) {
        instance.version = Version.of({ epoch: reply.version.epoch, sequence: sequence + 1 });
      }
      return wasWoken || !wasBegun;
    }
    if (design === "page-for-every-gap") return loadPage(state, instance, epoch);
    const version = Version.of({ epoch: reply.version.epoch, sequence: entry.sequence });
    instance.change = words.News.of({ version, change: store.told(entry.change) });
    return true;
  }

  function loadPage(state: State, instance: Instance, epoch: number): boolean {
    const { meta } = state.store;
    const { sequence } = instance.version;
    if (epoch === meta.epoch && meta.sequence >= sequence && meta.sequence - sequence <= bounds.feedEntries)
      state.reloaded = true;
    const version = Version.of({ epoch: meta.epoch, sequence: meta.sequence });
    instance.page.version = version;
    for (const n of nodes.all) instance.page.seen.set(n, view.seenOf(state.store.node.get(n), version));
    return true;
  }

  /** Something reaches the instance, and it is noted whether that took it back. */
  function reach(state: State, i: number, arrive: (instance: Instance) => void): boolean {
    const instance = state.instance.get(i);
    const before = instance.version;
    arrive(instance);
    const { epoch, sequence } = instance.version;
    if (epoch < before.epoch || (epoch === before.epoch && sequence < before.sequence)) state.wentBack = true;
    return true;
  }

  function forget(instance: Instance): boolean {
    instance.change = null;
    instance.page.version = null;
    for (const n of nodes.all) instance.page.seen.set(n, null);
    return true;
  }

  return { ask, send, serve, fetch, reach, forget, nameLost, failOver };
}
