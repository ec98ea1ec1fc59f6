/**
 * When an instance could not act, because something was done to it itself: it was killed and started again, stopped, or slowed. What a
 * client asked of it then says nothing about what it does when Redis fails; and what it missed it can only have learned since.
 */

import { type HistoryEvent, type Millis, ofKind } from "../history.ts";
import { type FaultWindow, faultWindows, overlaps } from "./windows.ts";

export class Absences {
  readonly #windows: readonly FaultWindow[];

  constructor(history: readonly HistoryEvent[], instances: number) {
    const own = new Set(ofKind(history, "fault").flatMap(({ fault, link }) => (link === "process" ? [fault] : [])));
    this.#windows = faultWindows(history, instances).filter(({ fault }) => own.has(fault));
  }

  /** Whether it was away at some moment from `from` to `to`. */
  touch(instance: number, from: Millis, to: Millis): boolean {
    return this.#windows.some((window) => window.instance === instance && overlaps(window, from, to));
  }

  /** When its last absence before `at` ended; minus infinity: it had none. */
  presentSince(instance: number, at: Millis): Millis {
    const ended = this.#windows.filter((window) => window.instance === instance && window.healed <= at);
    return Math.max(Number.NEGATIVE_INFINITY, ...ended.map(({ healed }) => healed));
  }

  /** The first moment from `since` on at which it is there; infinity: it never comes back. */
  firstPresent(instance: number, since: Millis): Millis {
    const away = this.#windows.filter((window) => window.instance === instance).sort((a, b) => a.asked - b.asked);
    return away.reduce((at, { asked, healed }) => (at >= asked && at < healed ? healed : at), since);
  }
}
