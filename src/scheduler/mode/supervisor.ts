/**
 * Looks after the mode of one shard. In `normal` it sees to it that something is always being asked of it, so that a server that has gone is noticed within
 * a pulse and a deadline, and that no partition goes unchecked for longer than the poll interval. Degraded, it probes, and when the
 * probes succeed it catches up with all of the shard before that counts as current again. A cold start is the same way back.
 */

import type { Instant, Millis } from "../../protocol/time.ts";
import type { PartitionTag } from "../../protocol/version.ts";
import { LayoutError } from "../errors.ts";
import type { CaughtUp } from "../following/follower.ts";
import type { Clock } from "../ports.ts";
import type { Settings } from "../settings.ts";
import type { Shard, Shards } from "./shards.ts";

/** A partition, or the configuration. */
interface Followed {
  readonly isFetching: boolean;
  /** When the store was last asked, whatever it said. */
  readonly checkedAt: Instant;
  /** The end of the time for which the content counts as L2 without another confirmation. */
  readonly expiresAt: Instant;
  refresh(): Promise<CaughtUp>;
  probe(): Promise<boolean>;
}

export interface SupervisorPorts {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly shards: Shards;
  readonly followers: readonly Followed[];
  readonly config: Followed;
  /** Called each time that all of a shard has been caught up with. */
  readonly onNormal: () => void;
}

/** Partitions that are caught up with at the same time: enough to keep the store and ourselves busy, few enough for pages to come in time. */
const catchUpWidth = 3;

export class ModeSupervisor {
  readonly #ports: SupervisorPorts;
  readonly #shard: Shard;
  #members: readonly PartitionTag[] = [];
  /** All that has to be current. */
  #followed: readonly Followed[] = [];
  /** What a pulse and a probe ask: the partitions, and the configuration only where it is alone. */
  #asked: readonly Followed[] = [];
  #probes = 0;

  constructor(ports: SupervisorPorts, shard: Shard) {
    this.#ports = ports;
    this.#shard = shard;
  }

  /** Runs until `signal` aborts, or the shard is no longer there. @throws LayoutError when the store has another number of partitions */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, settings } = this.#ports;
    const { mode } = this.#shard;
    signal.addEventListener("abort", () => mode.wake(), { once: true });
    while (!signal.aborted && this.#isThere()) {
      switch (mode.stage) {
        case "normal":
          // Not the pulse decides when the first probe is due, however long it is.
          await clock.sleep(this.#pulse(), mode.whileNormal);
          break;
        case "probing":
          await clock.sleep(settings.probeInterval, signal);
          if (!signal.aborted) await this.#probe();
          break;
        case "resyncing":
          await this.#catchUpWithAll();
          break;
      }
    }
  }

  /** Whether anything is on the shard, as the store says now. */
  #isThere(): boolean {
    const { config, followers, shards } = this.#ports;
    shards.look();
    const members = shards.members(this.#shard);
    if (members !== this.#members) {
      const partitions = followers.filter((_, partition) => members.includes(partition));
      this.#members = members;
      this.#followed = members.includes("cfg") ? [...partitions, config] : partitions;
      this.#asked = partitions.length === 0 ? this.#followed : partitions;
    }
    return members.length > 0;
  }

  /** @returns when to come again */
  #pulse(): Millis {
    const { clock, settings } = this.#ports;
    const now = clock.now();
    if (this.#reportExpiry()) return settings.pulseInterval;
    let sent = false;
    for (const follower of this.#followed) {
      if (follower.isFetching || now - follower.checkedAt < settings.pollInterval) continue;
      void follower.refresh(); // supervised
      sent = true;
    }
    const due = this.#shard.lastReadAt + settings.pulseInterval - now;
    if (sent) return settings.pulseInterval;
    if (due > 0) return due;
    const longest = longestUnchecked(this.#asked);
    if (longest !== null) void longest.refresh();
    return settings.pulseInterval;
  }

  /** @returns whether L2 of some partition is past its TTL */
  #reportExpiry(): boolean {
    const { mode } = this.#shard;
    const now = this.#ports.clock.now();
    const expired = this.#followed.some(({ expiresAt }) => expiresAt <= now);
    if (expired) mode.report({ kind: "l2_expired" });
    return expired;
  }

  /** Partitions take turns: a part of Redis that is back is not all of it. */
  async #probe(): Promise<void> {
    const { mode } = this.#shard;
    mode.report({ kind: "tick" });
    this.#reportExpiry();
    const follower = this.#asked[this.#probes++ % this.#asked.length];
    if (await follower?.probe()) mode.report({ kind: "probe_answered" });
  }

  async #catchUpWithAll(): Promise<void> {
    const { mode } = this.#shard;
    const allCurrent = await this.#refreshAll();
    mode.report({ kind: allCurrent ? "resynced" : "resync_failed" });
    if (mode.isNormal) this.#ports.onNormal();
  }

  async #refreshAll(): Promise<boolean> {
    const waiting = [...this.#followed];
    let allCurrent = true;
    const work = async () => {
      for (let next = waiting.pop(); next !== undefined && allCurrent; next = waiting.pop()) {
        const caughtUp = await next.refresh();
        refuseLayout(caughtUp);
        if (caughtUp.kind !== "current") allCurrent = false;
      }
    };
    await Promise.all(Array.from({ length: catchUpWidth }, work));
    return allCurrent;
  }
}

function longestUnchecked(followers: readonly Followed[]): Followed | null {
  let longest: Followed | null = null;
  for (const follower of followers) {
    if (follower.isFetching) continue;
    if (longest === null || follower.checkedAt < longest.checkedAt) longest = follower;
  }
  return longest;
}

function refuseLayout(caughtUp: CaughtUp): void {
  if (caughtUp.kind !== "failed" || caughtUp.cause !== "layout_mismatch") return;
  throw new LayoutError(`the store is laid out differently: ${caughtUp.message}; start with its number of partitions`);
}
