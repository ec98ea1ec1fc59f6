/**
 * The normal form of a state of the `system` model: what no rule reads is dropped, so that states which differ only in that are one state
 * (scope `normalForm=1`).
 *
 * Each rule says why no later step and no `always` or `sometimes` can tell the difference; liveness may, and is left out. A mutant that does
 * read what a rule drops is exempt from it. A test compares both ways of counting.
 */
import type { Bounds } from "./scope.ts";
import type { Domains, Instance, Message, Seen, State, Version } from "./state.ts";

/** Information that is dropped unless a mutant reads it. */
export type Unread = "wake_ups" | "record_versions" | "lookups" | "dispatches";

type Found = Extract<Message, { kind: "Found" }>;

/** @param read what a mutant reads */
export function normalFormOf(domains: Domains, bounds: Bounds, read: readonly Unread[]): (state: State) => void {
  const records = new SeenRecords(domains, !read.includes("record_versions"));
  const lookups = new Lookups(records, domains.order.isKept);
  const jobs = new Dispatches(domains);
  const nodes = new NodeRecords(domains, bounds);
  const dropsWakeUps = !read.includes("wake_ups");
  const dropsLookups = !read.includes("lookups");
  const dropsDispatches = !read.includes("dispatches");
  return (state) => {
    for (const i of domains.instances.all) {
      const instance = state.instance.get(i);
      // An instance asks for changes whether it is woken or not.
      if (dropsWakeUps) instance.isWoken = false;
      // A mark keeps an instance from asking and from choosing, for a second; without it, it may do all that it may do with it.
      for (const n of domains.nodes.all) instance.missed.set(n, false);
      records.normalise(instance);
    }
    if (dropsLookups) lookups.normalise(state);
    nodes.normalise(state);
    if (dropsDispatches) jobs.normalise(state);
  };
}

/** A record in a view is compared with changes after the view only: how far before the view it is does not matter. */
class SeenRecords {
  readonly #domains: Domains;
  readonly #dropsVersions: boolean;

  constructor(domains: Domains, dropsVersions: boolean) {
    this.#domains = domains;
    this.#dropsVersions = dropsVersions;
  }

  normalise({ seen, page, version }: Instance): void {
    if (!this.#dropsVersions) return;
    for (const n of this.#domains.nodes.all) {
      seen.set(n, this.#unnumbered(seen.get(n), version.sequence));
      if (page.version !== null) page.seen.set(n, this.#unnumbered(page.seen.get(n), page.version.sequence));
    }
  }

  /** The same answer to a lookup, or one with less in it. @param version of the view that it is for */
  normalAnswer(message: Found, version: Version): Found {
    if (!this.#dropsVersions || message.at.epoch !== version.epoch) return message;
    const seen = this.#unnumbered(message.seen, version.sequence);
    const { i, n, at } = message;
    return seen === message.seen ? message : this.#domains.Message.make.Found({ i, n, at, seen });
  }

  #unnumbered(seen: Seen | null, upTo: number): Seen | null {
    if (seen === null || seen.sequence === 0 || seen.sequence > upTo) return seen;
    const { isOnline, incarnation, count } = seen;
    return this.#domains.Seen.of({ isOnline, incarnation, sequence: 0, count });
  }
}

/** The answers to lookups that are in flight. */
class Lookups {
  readonly #records: SeenRecords;
  readonly #hasFormerPrimary: boolean;

  constructor(records: SeenRecords, hasFormerPrimary: boolean) {
    this.#records = records;
    this.#hasFormerPrimary = hasFormerPrimary;
  }

  normalise(state: State): void {
    for (const message of [...state.net]) {
      if (message.kind !== "Found") continue;
      const normal = this.#records.normalAnswer(message, state.instance.get(message.i).version);
      if (normal !== message) state.net.delete(message);
      if (this.#isOfNoUse(normal, state)) state.net.delete(normal);
      else if (normal !== message) state.net.add(normal);
    }
  }

  /**
   * An answer to a lookup has no effect, now or later, where
   * - it found nothing: it would but leave a mark;
   * - the view is newer: it is thrown away when it arrives;
   * - it is of another epoch, to which the view comes by a page that is as new. With a former primary that may be an earlier one;
   * - the instance has crashed since: the page that it begins with is as new, and says the same or more;
   * - the view holds what it says, and no older page is in flight: a change of that node makes the view newer.
   */
  #isOfNoUse({ i, n, at, seen }: Found, state: State): boolean {
    const { version, page, seen: held } = state.instance.get(i);
    if (seen === null || version.epoch === 0) return true;
    const isPageOlder =
      page.version !== null &&
      isBefore(page.version, at) &&
      (page.version.epoch === at.epoch || !this.#hasFormerPrimary);
    if (this.#hasFormerPrimary && at.epoch !== version.epoch) return !isPageOlder;
    return isBefore(at, version) || (held.get(n) === seen && !isPageOlder);
  }
}

/** Without a clock, a node that has sent all its heartbeats never sends its incarnation again; one that is not online cannot be renewed. */
class NodeRecords {
  readonly #domains: Domains;
  readonly #heartbeats: number;
  readonly #hasClock: boolean;
  readonly #someIncarnation: Version;

  constructor(domains: Domains, { heartbeats, ttl }: Pick<Bounds, "heartbeats" | "ttl">) {
    this.#domains = domains;
    this.#heartbeats = heartbeats;
    this.#hasClock = ttl > 0;
    this.#someIncarnation = domains.Version.of({ epoch: 0, sequence: 0 });
  }

  normalise(state: State): void {
    const { nodes, Agent, StoredNode } = this.#domains;
    for (const n of nodes.all) {
      const { life, expected, incarnation, seq } = state.agent.get(n);
      if (!this.#hasClock && seq === this.#heartbeats && incarnation !== null) {
        state.agent.set(n, Agent.of({ life, expected, incarnation: this.#someIncarnation, seq }));
      }
      const record = state.store.node.get(n);
      if (record === null || record.status === "online" || record.heartbeatSeq < 0) continue;
      state.store.node.set(n, StoredNode.of({ ...record, heartbeatSeq: -1 }));
    }
  }
}

/** A job that was dispatched and has left no trace is as good as new. */
class Dispatches {
  readonly #domains: Domains;

  constructor(domains: Domains) {
    this.#domains = domains;
  }

  normalise(state: State): void {
    for (const j of this.#domains.jobs.all) {
      if (state.job.get(j).kind !== "idle" || !state.dispatched.has(j)) continue;
      if (!this.#hasTrace(state, j)) state.dispatched = state.dispatched.without(j);
    }
  }

  #hasTrace({ net, store, replica }: State, j: number): boolean {
    for (let index = 0; index < net.size; index += 1) {
      const message = net.at(index);
      if (message.kind === "Reserve" && message.j === j) return true;
    }
    return this.#domains.nodes.all.some(
      (n) => (store.node.get(n)?.jobs.has(j) ?? false) || (replica.node.get(n)?.jobs.has(j) ?? false),
    );
  }
}

function isBefore(one: Version, other: Version): boolean {
  return one.epoch < other.epoch || (one.epoch === other.epoch && one.sequence < other.sequence);
}
