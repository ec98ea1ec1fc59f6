/**
 * How an instance of the `system` model updates its view.
 *
 * The view knows everything up to its version. It applies a change that is the next one. A page, which is the store as it was at one version,
 * replaces everything. A lookup's answer only fills a gap, in a view that is no newer. Which epochs it follows: epochs.ts.
 */
import type { Change, Domains, Instance, Seen, StoredNode, Version } from "../state.ts";
import type { Epochs } from "./epochs.ts";

export class View {
  protected readonly domains: Domains;
  readonly #epochs: Epochs;

  constructor(domains: Domains, epochs: Epochs) {
    this.domains = domains;
    this.#epochs = epochs;
  }

  /** The change in flight to the instance arrives. */
  learn(instance: Instance): void {
    const { change: news, version } = instance;
    if (news === null) return;
    instance.change = null;
    if (!this.isNext(news.version, version)) return;
    const { n } = news.change;
    instance.version = news.version;
    const held = instance.seen.get(n);
    if (held === null || this.sequenceAfter(held, news.change, news.version) > held.sequence) {
      instance.seen.set(n, this.after(held, news.change, news.version));
    }
    if (news.change.kind === "registered") this.unmark(instance, n);
  }

  /** The page in flight to the instance arrives. */
  resync(instance: Instance): void {
    const { version, seen } = instance.page;
    if (version === null) return;
    const isAdopted = this.isNewer(version, instance.version) && this.#epochs.mayFollow(instance);
    if (isAdopted) {
      this.#epochs.adopt(instance);
      instance.version = version;
    }
    for (const n of this.domains.nodes.all) {
      const found = seen.get(n);
      if (isAdopted) this.replace(instance, n, found);
      if (isAdopted && found !== null) this.unmark(instance, n);
      seen.set(n, null);
    }
    instance.page.version = null;
    instance.page.succession = this.domains.order.none;
  }

  /** The answer to a lookup arrives. */
  find(instance: Instance, n: number, at: Version, seen: Seen | null): void {
    if (!this.isOfUse(instance, n, at)) return;
    if (seen !== null) instance.seen.set(n, seen);
    else if (instance.seen.get(n) === null) instance.missed.set(n, true);
  }

  /** The view's record of a node after a change. */
  after(held: Seen | null, change: Change, version: Version): Seen | null {
    const { Seen } = this.domains;
    const sequence = this.sequenceAfter(held, change, version);
    if (change.kind === "registered") return Seen.of({ isOnline: true, incarnation: version, sequence, count: 0 });
    if (change.kind === "removed" || held === null) return null;
    const { incarnation, isOnline } = held;
    if (change.kind === "gone") return Seen.of({ isOnline: false, incarnation, sequence, count: 0 });
    return Seen.of({ isOnline, incarnation, sequence, count: change.count });
  }

  /** The stored record as a reader of the store sees it. */
  seenOf(record: StoredNode | null, version: Version): Seen | null {
    if (record === null) return null;
    const { status, incarnation, count, version: own } = record;
    const sequence = own.epoch === version.epoch ? own.sequence : 0; // of an earlier epoch: older than all of this one
    return this.domains.Seen.of({ isOnline: status === "online", incarnation, sequence, count: Math.max(0, count) });
  }

  /** The same node, in the same incarnation, with as many jobs. */
  isSame(one: Seen | null, other: Seen | null): boolean {
    if (one === null || other === null) return one === other;
    return one.isOnline === other.isOnline && one.incarnation === other.incarnation && one.count === other.count;
  }

  protected isNext(news: Version, version: Version): boolean {
    return news.epoch === version.epoch && news.sequence === version.sequence + 1;
  }

  /** In the view's own epoch. */
  protected isNewer(page: Version, version: Version): boolean {
    return page.epoch !== version.epoch || page.sequence > version.sequence;
  }

  protected isOfUse({ version, seen }: Instance, n: number, at: Version): boolean {
    return seen.get(n) === null && at.epoch === version.epoch && at.sequence >= version.sequence;
  }

  /** The sequence of the version that a record has after a change. */
  protected sequenceAfter(_held: Seen | null, _change: Change, { sequence }: Version): number {
    return sequence;
  }

  protected replace(instance: Instance, n: number, found: Seen | null): void {
    instance.seen.set(n, found);
  }

  /** The node is no longer marked as missing. */
  protected unmark(instance: Instance, n: number): void {
    instance.missed.set(n, false);
  }
}
