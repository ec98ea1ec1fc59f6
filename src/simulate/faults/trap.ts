/** Traps that catch one call of a script, or one wake-up, and affect only that one. */
import type { Script } from "../trace/events.ts";

/** What a trap does to the call that it catches. */
export type Snare =
  /** The store runs the call, its reply is withheld, and the connection is cut or silent. */
  | { readonly kind: "withheld"; readonly connection: "cut" | "silent" }
  /** The call reaches the store `by` milliseconds later. */
  | { readonly kind: "delayed"; readonly by: number }
  /** The call is kept; `held` has the callbacks for the end of the fault. */
  | { readonly kind: "held" }
  /** The call reaches the store twice, the second time `after` milliseconds later. */
  | { readonly kind: "repeated"; readonly after: number };

export interface CallTrap {
  readonly script: Script;
  /** The trap catches the call at which this reaches 0. */
  left: number;
  readonly snare: Snare;
  /** Called when the trap has caught its call. */
  readonly sprung: () => void;
  /** Callbacks that release held calls at the end of the fault. */
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

  /** Whether the fault is still in force: a caught call may run after its end. */
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

  /** Called once for each call, in order. @returns the trap that catches it */
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
