/**
 * Keeps the view of one partition current. The stream is the truth; a wake-up only says that there may be something to read.
 *
 * At most one fetch is in flight; callers that ask meanwhile join it. The view never goes back within an epoch, and an abandoned epoch is never
 * adopted again.
 */

import type { FeedEntry } from "../../protocol/feed.ts";
import type { NodeState } from "../../protocol/node.ts";
import type { Answer, ChangesReply, Failure } from "../../protocol/replies.ts";
import type { Instant, Millis } from "../../protocol/time.ts";
import type { Version } from "../../protocol/version.ts";
import type { Tasks } from "../calls/tasks.ts";
import type { Operation, ResyncReason } from "../events.ts";
import { invariant } from "../invariant.ts";
import { jittered } from "../jitter.ts";
import type { ModeKeeper } from "../mode/mode-keeper.ts";
import { isFailure, type Random } from "../ports.ts";
import { beforeAll, compareVersions } from "../version.ts";
import { Announcements } from "../view/announcements.ts";
import { Epochs } from "../view/epochs.ts";
import type { NodeIndex } from "../view/node-index.ts";
import { View } from "../view/view.ts";
import { KeptLosses, type KeptLossesPorts } from "./kept-losses.ts";
import { orphansOf } from "./orphans.ts";
import type { Size } from "./reply-size.ts";
import { type Answered, type Loaded, Resync, type ResyncPorts, type Strange } from "./resync.ts";

/**
 * `abandoned_epoch`, `stale_server`: the answer is not from the store that is followed. `lagging`: the store changes faster than it is read; the next
 * poll continues.
 */
export type CaughtUp = { readonly kind: "current" } | Failure | { readonly kind: Strange | "lagging" };

/** The listeners to what the follower learns. */
interface FollowerHooks {
  /** @param confirmedAt when it was so, or later; null: more changes are known to follow, and the next may be of this node again */
  changed(partition: number, id: string, node: NodeState | null, confirmedAt: Instant | null): void;
  advanced(partition: number, version: Version): void;
  /** Cached content of the partition belongs to an earlier view. */
  forget(partition: number): void;
  pageLoaded(nodes: number): void;
  /** The view was built from nothing. */
  loaded(partition: number): void;
}

export interface FollowerPorts extends ResyncPorts, Pick<KeptLossesPorts, "callBack" | "hasCallback"> {
  readonly mode: ModeKeeper;
  readonly tasks: Tasks;
  readonly hooks: FollowerHooks;
  readonly index: NodeIndex;
  /** For the TTL of L2. */
  readonly random: Random;
}

/** Rounds of one fetch, and tries of one resync; the next poll continues after that. */
const maxRounds = 64;
const maxTries = 3;

export class Follower {
  readonly partition: number;
  readonly #ports: FollowerPorts;
  readonly #task: string;
  readonly #epochs = new Epochs();
  readonly #announcements = new Announcements();
  readonly #resync: Resync;
  readonly #losses: KeptLosses;
  #view = new View(beforeAll, 0, []);
  #fetching: Promise<CaughtUp> | null = null;
  #suspect: ResyncReason | null = "cold_start";
  #confirmedAt: Instant = Number.NEGATIVE_INFINITY;
  #expiresAt: Instant = Number.NEGATIVE_INFINITY;
  #checkedAt: Instant = Number.NEGATIVE_INFINITY;

  constructor(ports: FollowerPorts, partition: number) {
    this.#ports = ports;
    this.partition = partition;
    this.#task = `follow partition ${partition}`;
    const { pageLoaded } = ports.hooks;
    this.#losses = new KeptLosses(ports, partition);
    this.#resync = new Resync(ports, partition, (page) => this.#strange(page, "snapshot"), pageLoaded);
  }

  get view(): View {
    return this.#view;
  }

  /** When the last request was sent that showed the view to be current; minus infinity before the first. */
  get confirmedAt(): Instant {
    return this.#confirmedAt;
  }

  /** The end of the time for which the view counts as L2 without another confirmation. */
  get expiresAt(): Instant {
    return this.#expiresAt;
  }

  /** When the store was last asked, whatever it said. */
  get checkedAt(): Instant {
    return this.#checkedAt;
  }

  /** False from the moment the view is known to be of another epoch, trimmed or wrong, until a new one has taken its place. */
  get isTrusted(): boolean {
    return this.#suspect === null;
  }

  get isFetching(): boolean {
    return this.#fetching !== null;
  }

  /** A wake-up: only ever a reason to look. */
  wake(version: Version): void {
    if (!this.#isNews(version)) return;
    const { partition } = this;
    const after = this.#announcements.furthest(this.#view.version);
    if (version.epoch === this.#view.version.epoch && version.sequence > after + 1) {
      this.#ports.emit({ kind: "gap_found", partition, after, to: version.sequence - 1, by: "wake" });
    }
    this.#announcements.announce(version);
    this.#look();
  }

  /** Evaluates the version of any reply of this partition.
   * @returns false when it is of an abandoned epoch, and nothing may be taken from it
   */
  heard(version: Version, operation: Operation): boolean {
    if (this.#epochs.judge(version.epoch) === "abandoned") {
      this.#ports.emit({ kind: "dropped_reply", operation, partition: this.partition, version });
      return false;
    }
    if (this.#isNews(version)) {
      this.#announcements.announce(version);
      this.#look();
    }
    return true;
  }

  /** The store has been seen to hold what the view cannot explain. */
  contradicted(node: string, version: Version): void {
    this.#ports.emit({ kind: "contradiction", partition: this.partition, node, version });
    this.#distrust("contradiction");
    this.#look();
  }

  /** Brings the view up to date. Every request has its deadline; who has less time races this against it. */
  refresh(): Promise<CaughtUp> {
    if (this.#fetching !== null) {
      this.#ports.emit({ kind: "coalesced", operation: "changes_since", partition: this.partition });
      return this.#fetching;
    }
    const fetching = this.#ports.tasks.run(this.#task, () => this.#fetch());
    this.#fetching = fetching;
    return fetching;
  }

  /** Reports and acknowledges the losses of jobs that the partition keeps. */
  settleLosses(): Promise<void> {
    return this.#losses.settle(this);
  }

  /** The same, supervised. */
  reportLosses(): void {
    this.#ports.tasks.spawn(`report losses of partition ${this.partition}`, () => this.settleLosses());
  }

  /** Asks only whether the store answers, and as the one we follow; nothing is taken from the answer.
   * @returns whether it did
   */
  async probe(): Promise<boolean> {
    const reply = await this.#changes("version_check", { limit: 0 });
    if (isFailure(reply)) return false;
    const strange = this.#strange(reply, "version_check");
    if (strange !== null) this.#blame(strange);
    return strange === null;
  }

  /** In a degraded mode the probe decides when to look again. */
  #look(): void {
    if (this.#fetching === null && this.#ports.mode.isNormal) void this.refresh();
  }

  #isNews(version: Version): boolean {
    const order = compareVersions(version, this.#view.version);
    return order === "newer" || (order === "another_epoch" && this.#epochs.judge(version.epoch) === "unknown");
  }

  #distrust(reason: ResyncReason): void {
    this.#suspect ??= reason;
    this.#ports.hooks.forget(this.partition);
  }

  async #fetch(): Promise<CaughtUp> {
    await null; // `refresh` has to have noted it before it can end
    try {
      for (let round = 0; round < maxRounds; round++) {
        this.#announcements.read();
        const caughtUp = this.#suspect === null ? await this.#read() : await this.#rebuild(this.#suspect);
        if (caughtUp === "more") continue;
        const { unread } = this.#announcements;
        if (caughtUp.kind === "current" && unread !== null && this.#isNews(unread)) continue;
        if (caughtUp.kind === "abandoned_epoch" || caughtUp.kind === "stale_server") this.#blame(caughtUp.kind);
        return caughtUp;
      }
      return { kind: "lagging" };
    } finally {
      this.#fetching = null;
    }
  }

  #blame(strange: Strange): void {
    this.#ports.mode.report({
      kind: "call_failed",
      cause: strange === "abandoned_epoch" ? "left_epoch" : "store_behind",
      isRead: true,
    });
  }

  async #read(): Promise<CaughtUp | "more"> {
    const { clock, settings, size } = this.#ports;
    const sentAt = clock.now();
    const reply = await this.#changes("changes_since", size.of(settings.changesLimit));
    if (isFailure(reply) && reply.cause === "deadline") size.late();
    const caughtUp = this.#take(reply, sentAt);
    if (caughtUp === "more") size.full();
    return caughtUp;
  }

  #changes(operation: Operation, size: Partial<Size> & { readonly limit: number }): Promise<Answer<ChangesReply>> {
    const { calls, clock, store } = this.#ports;
    const { partition } = this;
    this.#checkedAt = clock.now();
    const request = { partition, since: this.#view.version, ...size };
    const run = (deadline: Millis) => store.changesSince(request, deadline);
    return calls.read({ operation, partition, run }, "own");
  }

  /** Whether it is another store than the one we follow that says it is at `version`. */
  #strange({ succession, version }: Answered, operation: Operation): Strange | null {
    const { partition } = this;
    const held = this.#view.version;
    if (this.#epochs.place(version.epoch, succession) === "abandoned") {
      this.#ports.emit({ kind: "dropped_reply", operation, partition, version });
      return "abandoned_epoch";
    }
    if (compareVersions(version, held) !== "older") return null;
    this.#ports.emit({ kind: "store_behind", partition, held, reported: version });
    return "stale_server";
  }

  #take(reply: Answer<ChangesReply>, sentAt: Instant): CaughtUp | "more" {
    if (isFailure(reply)) return reply;
    const { version } = reply;
    const held = this.#view.version;
    const strange = this.#strange(reply, "changes_since");
    if (strange !== null) return { kind: strange };
    if (reply.kind === "resync" || version.epoch !== held.epoch) {
      this.#distrust(version.epoch === held.epoch ? "trimmed" : "epoch");
      return "more";
    }
    const isWhole = reply.entries.at(-1)?.sequence === version.sequence;
    if (!this.#apply(reply.entries, isWhole ? sentAt : null)) return "more";
    const reached = this.#view.version.sequence;
    if (reached < version.sequence) return reached > held.sequence ? "more" : { kind: "lagging" };
    this.#confirm(sentAt);
    return { kind: "current" };
  }

  /** @returns false when the view has to be rebuilt */
  #apply(entries: readonly FeedEntry[], confirmedAt: Instant | null): boolean {
    const { hooks } = this.#ports;
    const { partition } = this;
    const before = this.#view.version;
    for (const entry of entries) {
      const { node: id } = entry.change;
      const applied = this.#view.apply(entry);
      if (applied.kind === "gap" || applied.kind === "contradiction") {
        this.contradicted(id, { epoch: before.epoch, sequence: entry.sequence });
        return false;
      }
      if (applied.kind === "applied") hooks.changed(partition, id, applied.node, confirmedAt);
      const orphans = orphansOf(partition, entry.change, { epoch: before.epoch, sequence: entry.sequence });
      if (orphans !== null) this.#losses.followed(orphans);
    }
    const { version } = this.#view;
    if (version.sequence > before.sequence) this.#advanced(before);
    return true;
  }

  #advanced(before: Version): void {
    const { emit, hooks } = this.#ports;
    const { partition } = this;
    const { version } = this.#view;
    // Changes that no wake-up has announced by now: the wake-ups were lost, or are late.
    const after = this.#announcements.furthest(before);
    if (version.sequence > after) emit({ kind: "gap_found", partition, after, to: version.sequence, by: "poll" });
    hooks.advanced(partition, version);
    emit({ kind: "view_advanced", partition, version, entries: version.sequence - before.sequence });
  }

  async #rebuild(reason: ResyncReason): Promise<CaughtUp> {
    const { clock, emit } = this.#ports;
    const { partition } = this;
    const startedAt = clock.now();
    emit({ kind: "resync_started", partition, reason });
    for (let tries = 0; tries < maxTries; tries++) {
      this.#checkedAt = clock.now();
      const loaded = await this.#resync.load();
      if (loaded.kind === "lagging") continue;
      if (loaded.kind !== "loaded") return loaded;
      const { pages, view } = loaded;
      this.#swap(loaded);
      const took = clock.now() - startedAt;
      emit({ kind: "resynced", partition, version: view.version, nodes: view.size, pages, took });
      this.#losses.missed();
      if (this.#ports.mode.isNormal) this.reportLosses();
      return { kind: "current" };
    }
    return { kind: "lagging" };
  }

  /** The one place where a view takes another's place, and an epoch another's. */
  #swap({ confirmedAt, succession, view }: Extract<Loaded, { kind: "loaded" }>): void {
    const { emit, hooks } = this.#ports;
    const { partition } = this;
    const held = this.#view.version;
    const { version } = view;
    const forward = compareVersions(version, held) !== "older";
    invariant(forward, "V2 a view never goes back within an epoch", { partition, held, version });
    this.#epochs.adopt(version.epoch, succession);
    if (held.epoch !== version.epoch) {
      if (held.epoch !== beforeAll.epoch) emit({ kind: "epoch_left", partition, ...held });
      emit({ kind: "epoch_adopted", partition, ...version });
    }
    view.showIn(this.#ports.index, this.#view);
    this.#view = view;
    this.#suspect = null;
    hooks.forget(partition);
    hooks.advanced(partition, version);
    hooks.loaded(partition);
    this.#confirm(confirmedAt);
  }

  #confirm(at: Instant): void {
    const { settings, random } = this.#ports;
    this.#confirmedAt = at;
    this.#expiresAt = at + jittered(settings.l2Ttl, settings.ttlSpread, random);
  }
}
