/** Interceptors catch one call of a script, or one wake-up, and affect only that one. */
import type { Script } from "../trace/events.ts";

/** The effect of an interceptor on the call that it catches. */
export type Interception =
  /** The store runs the call, its reply is withheld, and the connection is cut or silent. */
  | { readonly kind: "withheld"; readonly connection: "cut" | "silent" }
  /** The call reaches the store `by` milliseconds later. */
  | { readonly kind: "delayed"; readonly by: number }
  /** The call is kept; `held` has the callbacks for the end of the fault. */
  | { readonly kind: "held" }
  /** The call reaches the store twice, the second time `after` milliseconds later. */
  | { readonly kind: "repeated"; readonly after: number };

export interface CallInterceptor {
  readonly script: Script;
  /** The interceptor catches the call at which this reaches 0. */
  left: number;
  readonly interception: Interception;
  /** Called when the interceptor has caught its call. */
  readonly caught: () => void;
  /** Callbacks that release held calls at the end of the fault. */
  readonly held: (() => void)[];
}

export interface WakeUpInterceptor {
  left: number;
  /** How many are dropped. */
  count: number;
  readonly caught: () => void;
}

/** The interceptors that are set on one instance's links. */
export class Interceptors {
  readonly #calls = new Set<CallInterceptor>();
  readonly #wakeUps = new Set<WakeUpInterceptor>();

  setCall(interceptor: CallInterceptor): void {
    this.#calls.add(interceptor);
  }

  /** Whether the fault is still in force: a caught call may run after its end. */
  hasCall(interceptor: CallInterceptor): boolean {
    return this.#calls.has(interceptor);
  }

  removeCall(interceptor: CallInterceptor): void {
    this.#calls.delete(interceptor);
  }

  setWakeUp(interceptor: WakeUpInterceptor): void {
    this.#wakeUps.add(interceptor);
  }

  removeWakeUp(interceptor: WakeUpInterceptor): void {
    this.#wakeUps.delete(interceptor);
  }

  /** Called once for each call, in order. @returns the interceptor that catches it */
  meetCall(script: Script): CallInterceptor | null {
    if (this.#calls.size === 0) return null;
    for (const interceptor of this.#calls) {
      if (interceptor.script !== script) continue;
      interceptor.left -= 1;
      if (interceptor.left === 0) return interceptor;
    }
    return null;
  }

  /** @returns whether the wake-up is dropped */
  meetWakeUp(): boolean {
    if (this.#wakeUps.size === 0) return false;
    for (const interceptor of this.#wakeUps) {
      interceptor.left -= 1;
      if (interceptor.left > 0 || interceptor.count === 0) continue;
      interceptor.count -= 1;
      interceptor.caught();
      return true;
    }
    return false;
  }
}
