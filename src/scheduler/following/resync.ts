/**
 * A new view from nothing: pages of the partition, then the changes since the first of them. Nothing of the old view is used, and
 * nothing is shown before it is whole.
 */

import type { NodeState } from "../../protocol/node.ts";
import type { Answer, ChangesReply, Failure, PageReply } from "../../protocol/replies.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Version } from "../../protocol/version.ts";
import type { Calls } from "../calls/calls.ts";
import { type Clock, isFailure, type Store } from "../ports.ts";
import type { Settings } from "../settings.ts";
import { View } from "../view/view.ts";

/** What another store than the one that is followed is: one of an epoch that this instance has abandoned, or one that is behind it. */
export type Strange = "abandoned_epoch" | "stale_server";

export type Loaded =
  | { readonly kind: "loaded"; readonly view: View; readonly pages: number; readonly confirmedAt: number }
  | Failure
  /** The first page is not from the store that is followed. */
  | { readonly kind: Strange }
  /** The epoch changed during the resync, or the feed was trimmed faster than it was read. */
  | { readonly kind: "lagging" };

export interface ResyncPorts {
  readonly store: Store;
  readonly calls: Calls;
  readonly clock: Clock;
  readonly settings: Settings;
}

/** How often a page of one load is asked for again, smaller, when it did not come in time. */
const maxRetries = 2;
/** Nodes of the smallest page that a large one shrinks to. */
const smallest = 8;

interface Pages {
  readonly kind: "pages";
  readonly version: Version;
  readonly until: number;
  readonly nodes: ReadonlyMap<string, NodeState>;
  readonly count: number;
}

export class Resync {
  readonly #ports: ResyncPorts;
  readonly #partition: number;
  readonly #strange: (version: Version) => Strange | null;
  readonly #onPage: (nodes: number) => void;
  /** Halved when a page was too slow: a slow link still gets there. */
  #pageSize: number;

  /**
   * @param strange judges the version of the first page; all that follows is of its epoch, and not older
   * @param onPage called for each page, with the number of nodes in it
   */
  constructor(
    ports: ResyncPorts,
    partition: number,
    strange: (version: Version) => Strange | null,
    onPage: (nodes: number) => void,
  ) {
    this.#ports = ports;
    this.#partition = partition;
    this.#strange = strange;
    this.#onPage = onPage;
    this.#pageSize = ports.settings.snapshotPage;
  }

  /** Every request is made within the read deadline; the whole takes as many as there are pages. */
  async load(): Promise<Loaded> {
    const pages = await this.#pages();
    if (pages.kind !== "pages") return pages;
    this.#pageSize = this.#ports.settings.snapshotPage;
    const view = new View(pages.version, pages.until, pages.nodes.values());
    return this.#catchUp(view, pages);
  }

  async #pages(): Promise<Pages | Exclude<Loaded, { kind: "loaded" }>> {
    const nodes = new Map<string, NodeState>();
    let ids: readonly string[] = [];
    let after = "";
    let first: Version | null = null;
    let until = 0;
    let [count, retries] = [0, 0];
    for (;;) {
      const page = await this.#page(ids, after);
      if (isFailure(page)) {
        if (page.cause !== "deadline") return page;
        this.#pageSize = Math.max(Math.min(smallest, this.#pageSize), this.#pageSize >> 1);
        if (++retries > maxRetries) return page;
        after = ids[this.#pageSize - 1] ?? after;
        ids = ids.slice(0, this.#pageSize);
        continue;
      }
      if (first === null) {
        const strange = this.#strange(page.version);
        if (strange !== null) return { kind: strange };
        first = page.version;
      }
      // A page older than the first would come from another server under the same epoch: a replica that lags.
      if (page.version.epoch !== first.epoch || page.version.sequence < first.sequence) return { kind: "lagging" };
      count += 1;
      until = Math.max(until, page.version.sequence);
      for (const node of page.nodes) if (node !== null) nodes.set(node.node, node);
      this.#onPage(page.nodes.length);
      const last = page.next.at(-1);
      if (last === undefined) return { kind: "pages", version: first, until, nodes, count };
      ids = page.next;
      after = last;
    }
  }

  #page(nodes: readonly string[], after: string): Promise<Answer<PageReply>> {
    const { calls, store } = this.#ports;
    const request = { partition: this.#partition, nodes, after, limit: this.#pageSize };
    const run = (deadline: Millis) => store.snapshot(request, deadline);
    return calls.read({ operation: "snapshot", partition: this.#partition, run }, "own");
  }

  async #catchUp(view: View, pages: Pages): Promise<Loaded> {
    for (;;) {
      const confirmedAt = this.#ports.clock.now();
      const reply = await this.#changes(view.version);
      if (isFailure(reply)) return reply;
      if (reply.kind === "resync" || reply.version.epoch !== view.version.epoch) return { kind: "lagging" };
      const before = view.version.sequence;
      for (const entry of reply.entries) if (view.apply(entry).kind === "contradiction") return { kind: "lagging" };
      if (view.version.sequence >= reply.version.sequence) {
        return { kind: "loaded", view, pages: pages.count, confirmedAt };
      }
      if (view.version.sequence === before) return { kind: "lagging" }; // an answer without what it announces
    }
  }

  #changes(since: Version): Promise<Answer<ChangesReply>> {
    const { calls, store, settings } = this.#ports;
    const request = { partition: this.#partition, since, limit: settings.changesLimit };
    const run = (deadline: Millis) => store.changesSince(request, deadline);
    return calls.read({ operation: "changes_since", partition: this.#partition, run }, "own");
  }
}
