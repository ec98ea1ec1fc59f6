/**
 * Lets everything that is ready to run, run: between two calls of `step` Node empties its queue of microtasks. The one place in the simulator
 * that touches Node's event loop; no time passes by it.
 */

/** Captured before any guard stands in its place (guards.ts). */
const immediate = setImmediate;

/** Steps in one turn of the event loop: enough that a turn costs nothing, few enough that a signal is heard at once. */
const stepsInTurn = 64;

/** Calls `step` until it answers false. @throws what `step` throws */
export function pump(step: () => boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let isOver = false;
  const once = (): void => {
    if (isOver) return;
    try {
      isOver = !step();
      if (isOver) resolve();
    } catch (error) {
      isOver = true;
      reject(error);
    }
  };
  const turn = (): void => {
    if (isOver) return;
    for (let count = 0; count < stepsInTurn; count += 1) immediate(once);
    immediate(turn);
  };
  turn();
  return promise;
}
