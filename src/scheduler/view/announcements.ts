/** Tracks the versions of a partition that wake-ups and replies have announced, to find changes without an announcement and to decide on another fetch. */
import type { Version } from "../../protocol/version.ts";

export class Announcements {
  /** The furthest sequence announced in `#epoch`; never taken back. */
  #furthest = 0;
  #epoch = "";
  #unread: Version | null = null;

  /** The furthest of what is announced and of `held`. */
  furthest(held: Version): number {
    return this.#epoch === held.epoch ? Math.max(this.#furthest, held.sequence) : held.sequence;
  }

  announce(version: Version): void {
    this.#unread = version;
    if (version.epoch !== this.#epoch) {
      this.#epoch = version.epoch;
      this.#furthest = version.sequence;
    } else {
      this.#furthest = Math.max(this.#furthest, version.sequence);
    }
  }

  /** The latest that was announced since the last call; a request sent after this covers it. */
  read(): Version | null {
    const unread = this.#unread;
    this.#unread = null;
    return unread;
  }

  get unread(): Version | null {
    return this.#unread;
  }
}
