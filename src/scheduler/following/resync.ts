/**
 * A new view from nothing: pages of the partition, then the changes since the first of them. Nothing of the old view is used, and
 * nothing is shown before it is whole.
 */

import type { NodeState } from "../../protocol/node.ts";
import type { Answer, ChangesReply, Failure, PageReply } from "../../protocol/replies.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Succession, Version } from "../../protocol/version.ts";
import type { Calls } from "../calls/calls.ts";
import type { Emit } from "../events.ts";
import { type Clock, isFailure, type Store } from "../ports.ts";
import type { Settings } from "../settings.ts";
import { compareCodePoints } from "../text.ts";
import { View } from "../view/view.ts";
import type { ReplySize } from "./reply-size.ts";

/** The kinds of stores other than the followed one: one of an epoch that this instance has abandoned, or one behind it. */
export type Strange = "abandoned_epoch" | "stale_server";

/** The part of a reply that says where its store is, and which epochs came before. */
export interface Answered {
  readonly version: Version;
  readonly succession?: Succession;
}

export type Loaded =
  | {
      readonly kind: "loaded";
      readonly view: View;
      readonly succession: Succession | undefined;
      readonly pages: number;
      readonly confirmedAt: number;
    }
  | Failure
  /** The first page is not from the store that is followed. */
  | { readonly kind: Strange }
  /** The epoch changed during the resync, or the feed was trimmed faster than it was read. */
  | { readonly kind: "lagging" };

export interface ResyncPorts {
  /** The size of the replies to all followers of the instance: they have one link. */
  readonly size: ReplySize;
  readonly emit: Emit;
  readonly store: Store;
  readonly calls: Calls;
  readonly clock: Clock;
  readonly settings: Settings;
}

/** How often in a row a page is asked for again, smaller, when it did not come in time. */
const maxRetries = 2;

interface Pages {
  readonly kind: "pages";
  readonly version: Version;
  readonly succession: Succession | undefined;
  readonly until: number;
  readonly nodes: ReadonlyMap<string, NodeState>;
  readonly count: number;
}

export class Resync {
  readonly #ports: ResyncPorts;
  readonly #partition: number;
  readonly #strange: (page: Answered) => Strange | null;
  readonly #onPage: (nodes: number) => void;

  /**
   * @param strange judges the version of the first page; all that follows is of its epoch, and not older
   * @param onPage called for each page, with the number of nodes in it
   */
  constructor(
    ports: ResyncPorts,
    partition: number,
    strange: (page: Answered) => Strange | null,
    onPage: (nodes: number) => void,
  ) {
    this.#ports = ports;
    this.#partition = partition;
    this.#strange = strange;
    this.#onPage = onPage;
  }

  /** Every request is made within the read deadline; the whole takes as many as there are pages. */
  async load(): Promise<Loaded> {
    const pages = await this.#pages();
    if (pages.kind !== "pages") return pages;
    const view = new View(pages.version, pages.until, pages.nodes.values());
    return this.#catchUp(view, pages);
  }

  async #pages(): Promise<Pages | Exclude<Loaded, { kind: "loaded" }>> {
    const { size } = this.#ports;
    const nodes = new Map<string, NodeState>();
    /** Known by their ids, not yet read. */
    let pending: readonly string[] = [];
    let after = "";
    let first: Version | null = null;
    let succession: Succession | undefined;
    let until = 0;
    let [count, retries] = [0, 0];
    do {
      const page = await this.#page(pending, after);
      if (isFailure(page)) {
        if (page.cause !== "deadline") return page;
        size.late();
        if (++retries > maxRetries) return page;
        continue;
      }
      if (first === null) {
        const strange = this.#strange(page);
        if (strange !== null) return { kind: strange };
        first = page.version;
        succession = page.succession;
      }
      // A page older than the first would come from another server under the same epoch: a replica that lags.
      if (page.version.epoch !== first.epoch || page.version.sequence < first.sequence) return { kind: "lagging" };
      retries = 0;
      count += 1;
      until = Math.max(until, page.version.sequence);
      for (const node of page.nodes) if (node !== null) nodes.set(node.node, node);
      for (const each of page.unreadable ?? []) this.#ports.emit({ kind: "record_unreadable", ...each });
      this.#onPage(page.nodes.length);
      const misplaced = firstNotAfter(after, page.next);
      if (misplaced !== undefined) return this.#stuck(misplaced, page.version);
      pending = [...pending.slice(page.nodes.length), ...page.next];
      after = page.next.at(-1) ?? after;
      if (pending.length > 0) size.full();
    } while (first === null || pending.length > 0);
    return { kind: "pages", version: first, succession, until, nodes, count };
  }

  /** As many of the pending nodes as fit; and once none is left out, the ids that follow. */
  #page(pending: readonly string[], after: string): Promise<Answer<PageReply>> {
    const { calls, settings, size, store } = this.#ports;
    const { limit, maxBytes } = size.of(settings.snapshotPage);
    const nodes = pending.slice(0, limit);
    const isLast = nodes.length === pending.length;
    const request = { partition: this.#partition, nodes, after, limit: isLast ? limit : 0, maxBytes };
    const run = (deadline: Millis) => store.snapshot(request, deadline);
    return calls.read({ operation: "snapshot", partition: this.#partition, run }, "own");
  }

  /** Pages that do not advance would never end: another program writes there, or an id is not as it was sent. */
  #stuck(node: string, version: Version): Failure {
    this.#ports.emit({ kind: "contradiction", partition: this.#partition, node, version });
    const message = `the ids of partition ${this.#partition} are not in order: ${node} came too late`;
    return { kind: "failed", applied: "no", cause: "protocol", after: 0, message };
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
        return { kind: "loaded", view, pages: pages.count, succession: pages.succession, confirmedAt };
      }
      if (view.version.sequence === before) return { kind: "lagging" }; // an answer without what it announces
      this.#ports.size.full();
    }
  }

  async #changes(since: Version): Promise<Answer<ChangesReply>> {
    const { calls, settings, size, store } = this.#ports;
    const request = { partition: this.#partition, since, ...size.of(settings.changesLimit) };
    const run = (deadline: Millis) => store.changesSince(request, deadline);
    const reply = await calls.read({ operation: "changes_since", partition: this.#partition, run }, "own");
    if (isFailure(reply) && reply.cause === "deadline") size.late();
    return reply;
  }
}

/** The first id that does not come after the one before it; undefined: all do. */
function firstNotAfter(after: string, ids: readonly string[]): string | undefined {
  return ids.find((id, index) => compareCodePoints(ids[index - 1] ?? after, id) >= 0);
}
