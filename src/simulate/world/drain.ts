/**
 * Runs everything that is ready to run: between two calls of `step` Node empties its microtask queue. Only this file of the simulator touches Node's
 * event loop; no virtual time passes.
 */

/** Captured before any guard stands in its place (guards.ts). */
const immediate = setImmediate;

/**
 * Node's own way to empty the queue now: what it does itself after every callback, at less than half of what a turn of the event loop costs. It is not
 * documented (DEP0134), so where it is not there each step gets a turn of its own: slower, and the same in every other way.
 */
const { _tickCallback: emptied = null } = process as { readonly _tickCallback?: (() => void) | null };

/** Steps in one turn of the event loop: enough that a turn costs nothing, few enough that a signal is heard at once. */
const stepsInTurn = 64;

/** Calls `step` until it answers false. @throws what `step` throws */
export function pump(step: () => boolean, empty: (() => void) | null = emptied): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const turn = (): void => {
    try {
      for (let count = 0; count < stepsInTurn; count += 1) {
        if (!step()) {
          resolve();
          return;
        }
        if (empty === null) break;
        empty();
      }
      immediate(turn);
    } catch (error) {
      reject(error);
    }
  };
  immediate(turn); // never from within a microtask, where the queue cannot be emptied
  return promise;
}
