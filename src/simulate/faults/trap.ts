/** Waits for one call of a script, or one wake-up, and does something to that one only. */
import type { Script } from "../trace/events.ts";

/** What becomes of the one. */
export type Snare =
  /** The store runs it, and its reply is withheld; then the connection is cut, or silent. */
  | { readonly kind: "withheld"; readonly connection: "cut" | "silent" }
  /** It reaches the store only so much later. */
  | { readonly kind: "delayed"; readonly by: number }
  /** It is kept; `pass` has been given what to do at the end. */
  | { readonly kind: "held" }
  /** The store is given it twice, the second time so much later. */
  | { readonly kind: "repeated"; readonly after: number };

export interface CallTrap {
  readonly script: Script;
  /** How many of them pass before the one. */
  left: number;
  readonly snare: Snare;
  /** It has met the one. */
  readonly sprung: () => void;
  /** Of what was held: what to do at the end. */
  readonly held: (() => void)[];
}

export interface WakeUpTrap {
  left: number;
  /** How many are dropped. */
  count: number;
  readonly sprung: () => void;
}

/** The traps that are set on one instance's links. */
export class Traps {
  readonly #calls = new Set<CallTrap>();
  readonly #wakeUps = new Set<WakeUpTrap>();

  setCall(trap: CallTrap): void {
    this.#calls.add(trap);
  }

  /** Whether the fault is still in force: a call that it chose may be run after its end. */
  hasCall(trap: CallTrap): boolean {
    return this.#calls.has(trap);
  }

  removeCall(trap: CallTrap): void {
    this.#calls.delete(trap);
  }

  setWakeUp(trap: WakeUpTrap): void {
    this.#wakeUps.add(trap);
  }

  removeWakeUp(trap: WakeUpTrap): void {
    this.#wakeUps.delete(trap);
  }

  /** Each call is shown here once, in order. @returns the trap that it has sprung */
  meetCall(script: Script): CallTrap | null {
    if (this.#calls.size === 0) return null;
    for (const trap of this.#calls) {
      if (trap.script !== script) continue;
      trap.left -= 1;
      if (trap.left === 0) return trap;
    }
    return null;
  }

  /** @returns whether the wake-up is dropped */
  meetWakeUp(): boolean {
    if (this.#wakeUps.size === 0) return false;
    for (const trap of this.#wakeUps) {
      trap.left -= 1;
      if (trap.left > 0 || trap.count === 0) continue;
      trap.count -= 1;
      trap.sprung();
      return true;
    }
    return false;
  }
}
