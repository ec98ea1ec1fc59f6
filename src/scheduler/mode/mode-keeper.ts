/** Holds the mode of an instance: feeds the state machine and emits its changes. */
import type { Emit } from "../events.ts";
import type { Clock } from "../ports.ts";
import type { Settings } from "../settings.ts";
import {
  allowsWrites,
  coldStart,
  type Mode,
  type ModeCause,
  type ModeEvent,
  type ModeState,
  nextMode,
} from "./mode.ts";

/** Made once: an exception takes its stack, and a degraded instance aborts for every call that it does not make. */
const notNormal = new DOMException("This operation was aborted", "AbortError");

/** Without the time, which the keeper adds. */
export type ModeReport =
  | { readonly kind: "call_failed"; readonly cause: ModeCause; readonly isRead: boolean }
  | { readonly kind: Exclude<ModeEvent["kind"], "call_failed"> };

export class ModeKeeper {
  readonly #clock: Clock;
  readonly #settings: Settings;
  readonly #emit: Emit;
  #state: ModeState;
  /** Aborted when the current stay in `normal` ends. */
  #normalSpan: AbortController | null = null;

  constructor(clock: Clock, settings: Settings, emit: Emit) {
    this.#clock = clock;
    this.#settings = settings;
    this.#emit = emit;
    this.#state = coldStart(clock.now());
  }

  get mode(): Mode {
    return this.#state.mode;
  }

  get isNormal(): boolean {
    return this.#state.mode === "normal";
  }

  get stage(): "normal" | "probing" | "resyncing" {
    return this.#state.mode === "normal" ? "normal" : this.#state.stage;
  }

  get allowsWrites(): boolean {
    return allowsWrites(this.#state);
  }

  /** In words, for a failure's message. */
  get reason(): string {
    return this.#state.mode === "normal" ? "normal" : `${this.#state.mode} (${this.#state.cause})`;
  }

  /** Aborts when the current stay in `normal` ends; is aborted in any other mode. */
  get whileNormal(): AbortSignal {
    if (!this.isNormal) return AbortSignal.abort(notNormal);
    this.#normalSpan ??= new AbortController();
    return this.#normalSpan.signal;
  }

  /** Wakes all tasks that sleep while the mode is `normal`. */
  wake(): void {
    this.#normalSpan?.abort(notNormal);
    this.#normalSpan = null;
  }

  report(report: ModeReport): void {
    const before = this.#state;
    this.#state = nextMode(before, { ...report, at: this.#clock.now() }, this.#settings);
    if (before.mode === this.#state.mode) return;
    const cause = this.#state.mode === "normal" ? "resynced" : this.#state.cause;
    this.#emit({ kind: "mode_changed", from: before.mode, to: this.#state.mode, cause });
    if (before.mode === "normal") this.wake();
  }
}
