/**
 * Looks after the mode. In `normal` it sees to it that something is always being asked, so that a Redis that has gone is noticed within
 * a pulse and a deadline, and that no partition goes unchecked for longer than the poll interval. Degraded, it probes, and when the
 * probes succeed it catches up with every partition before anything counts as current again. A cold start is the same way back.
 */

import type { Instant, Millis } from "../../protocol/time.ts";
import type { Calls } from "../calls/calls.ts";
import { LayoutError } from "../errors.ts";
import type { CaughtUp } from "../following/follower.ts";
import type { Clock } from "../ports.ts";
import type { Settings } from "../settings.ts";
import type { ModeKeeper } from "./mode-keeper.ts";

/** A partition, or the configuration. */
interface Followed {
  readonly isFetching: boolean;
  /** When the store was last asked, whatever it said. */
  readonly checkedAt: Instant;
  /** The end of the time for which the content counts as L2 without another confirmation. */
  readonly expiresAt: Instant;
  refresh(): Promise<CaughtUp>;
}

interface Probed extends Followed {
  probe(): Promise<boolean>;
}

export interface SupervisorPorts {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly calls: Calls;
  readonly mode: ModeKeeper;
  /** The partitions: what a pulse and a probe ask. */
  readonly followers: readonly Probed[];
  readonly config: Followed;
  /** Called each time that all partitions have been caught up with. */
  readonly onNormal: () => void;
}

/** Partitions that are caught up with at the same time: enough to keep the store and ourselves busy, few enough for pages to come in time. */
const catchUpWidth = 3;

export class ModeSupervisor {
  readonly #ports: SupervisorPorts;
  /** All that has to be current. */
  readonly #followed: readonly Followed[];
  #probes = 0;

  constructor(ports: SupervisorPorts) {
    this.#ports = ports;
    this.#followed = [...ports.followers, ports.config];
  }

  /** Runs until `signal` aborts. @throws LayoutError when the store has another number of partitions */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, mode, settings } = this.#ports;
    signal.addEventListener("abort", () => mode.wake(), { once: true });
    while (!signal.aborted) {
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

  /** @returns when to come again */
  #pulse(): Millis {
    const { calls, clock, followers, settings } = this.#ports;
    const now = clock.now();
    if (this.#reportExpiry()) return settings.pulseInterval;
    let sent = false;
    for (const follower of this.#followed) {
      if (follower.isFetching || now - follower.checkedAt < settings.pollInterval) continue;
      void follower.refresh(); // supervised
      sent = true;
    }
    const due = calls.lastReadAt + settings.pulseInterval - now;
    if (sent) return settings.pulseInterval;
    if (due > 0) return due;
    const longest = longestUnchecked(followers);
    if (longest !== null) void longest.refresh();
    return settings.pulseInterval;
  }

  /** @returns whether L2 of some partition is past its TTL */
  #reportExpiry(): boolean {
    const { clock, mode } = this.#ports;
    const now = clock.now();
    const expired = this.#followed.some(({ expiresAt }) => expiresAt <= now);
    if (expired) mode.report({ kind: "l2_expired" });
    return expired;
  }

  /** Partitions take turns: a part of Redis that is back is not all of it. */
  async #probe(): Promise<void> {
    const { followers, mode } = this.#ports;
    mode.report({ kind: "tick" });
    this.#reportExpiry();
    const follower = followers[this.#probes++ % followers.length];
    if (await follower?.probe()) mode.report({ kind: "probe_answered" });
  }

  async #catchUpWithAll(): Promise<void> {
    const { mode, onNormal } = this.#ports;
    const allCurrent = await this.#refreshAll();
    mode.report({ kind: allCurrent ? "resynced" : "resync_failed" });
    if (mode.isNormal) onNormal();
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
