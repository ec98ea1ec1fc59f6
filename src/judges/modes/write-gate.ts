/**
 * Part of D6: whether an instance sends writes or refuses them (docs/modes.md, "Writes while degraded"), as far as its calls and its modes show. What cannot be
 * distinguished, such as the order of two ends at one moment, leaves it unknown, and then nothing is held against the instance.
 */
import type { Millis } from "../../check/history.ts";
import type { ModeChanged, Settled } from "../event.ts";
import { isRead } from "./store-calls.ts";

/** Causes other than a failed call that end `normal`, and whether the store answers writes all the same. */
const otherCauses: Readonly<Record<string, boolean>> = { l2_expired: true, left_epoch: false, store_behind: false };

export class WriteGate {
  readonly #grain: Millis;
  #isNormal: boolean;
  #isOpen: boolean | null;
  /** A call has been late or failed since one was last answered. */
  #hasMissed = false;
  /** When an answer last came after a miss. */
  #forgivenAt = Number.NEGATIVE_INFINITY;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #missedAt = Number.NEGATIVE_INFINITY;
  #openedAt = Number.NEGATIVE_INFINITY;
  #closedAt = Number.NEGATIVE_INFINITY;
  #lostAt = Number.NEGATIVE_INFINITY;

  /** @param isNormal false: it starts, so that what it has tried before it had a connection is not seen */
  constructor(grain: Millis, isNormal: boolean) {
    this.#grain = grain;
    this.#isNormal = isNormal;
    this.#isOpen = isNormal ? true : null;
  }

  /** Whether it sends writes; null: that is not known. */
  get isOpen(): boolean | null {
    return this.#isOpen;
  }

  /** When a probe last made it send writes, or may have. */
  get openedAt(): Millis {
    return this.#openedAt;
  }

  /** When it last ceased to. */
  get closedAt(): Millis {
    return this.#closedAt;
  }

  /** @param isFollowed whether the answer is of the store that is followed; null: not known */
  answered({ at, isProbe, script }: Settled, isFollowed: boolean | null): void {
    const wasMissed = this.#hasMissed;
    this.#hasMissed = false;
    this.#answeredAt = at;
    if (wasMissed) this.#forgivenAt = at;
    if (this.#isNormal) return;
    if (script === "changes_since" && isProbe !== false) this.#openedAt = at;
    if (isProbe === true && isFollowed !== null) {
      if (isFollowed) this.#isOpen = true;
      else this.#close(at);
    } else if (this.#isOpen === false) {
      const mayBeProbe = script === "changes_since" && isProbe !== false;
      if (mayBeProbe || at - this.#closedAt <= this.#grain) this.#isOpen = null;
    } else if (isRead(script) && isFollowed !== true) this.#isOpen = null;
  }

  /** A call ended after the instance may have given it up: it took that for an answer or a miss, and a miss may have come before what a probe was answered. */
  endedLate({ at, outcome }: Pick<Settled, "at" | "outcome">): void {
    if (outcome === "answered") {
      this.#hasMissed = false;
      this.#openedAt = at;
    }
    this.#lostAt = at;
    if (!this.#isNormal) this.#isOpen = null;
  }

  /** A call that says that the store is slow or gone. */
  missed({ at, outcome, script }: Pick<Settled, "at" | "outcome" | "script">): void {
    const isSecond = this.#hasMissed;
    this.#hasMissed = true;
    this.#missedAt = at;
    if (outcome !== "deadline" || !isRead(script)) this.#close(at);
    else if (isSecond && at - this.#answeredAt > this.#grain) this.#close(at);
    else if (isSecond || at - Math.max(this.#forgivenAt, this.#lostAt) <= this.#grain) this.lose(at);
  }

  changed({ at, cause, from, to }: ModeChanged): void {
    this.#isNormal = to === "normal";
    if (to === "normal") {
      this.#isOpen = true;
      this.#hasMissed = false;
    } else if (from === "normal") this.#left(at, cause);
  }

  /** The instance's reaction to this moment is not seen. */
  lose(at: Millis): void {
    this.#lostAt = at;
    if (!this.#isNormal && this.#isOpen !== false) this.#isOpen = null;
  }

  /** Some of what ended since then it did not look at. */
  loseSince(since: Millis): void {
    if (!this.#isNormal && this.#closedAt >= since) this.#isOpen = null;
  }

  #left(at: Millis, cause: string): void {
    const isOpen = otherCauses[cause] ?? (cause === "deadline" ? null : false);
    if (isOpen === false) this.#close(at);
    // The call that was late says whether it was a read; one that was not seen says nothing.
    else if (isOpen === null && (this.#missedAt < at - this.#grain || this.#lostAt >= at - this.#grain))
      this.#isOpen = null;
  }

  #close(at: Millis): void {
    this.#isOpen = false;
    this.#closedAt = at;
  }
}
