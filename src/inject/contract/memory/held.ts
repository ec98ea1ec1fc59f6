/** The memory that a check finds in use. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | null = null;

/** The bytes of this process's heap that a collection leaves. Steady to some 100 KB while nothing else runs in the process. */
function heldBytes(): number {
  if (collect === null) {
    // Only contexts that are made afterwards have the function.
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  for (let times = 0; times < 2; times += 1) collect();
  return process.memoryUsage().heapUsed;
}

/**
 * Returns by how many bytes the memory in use has grown over the `rounds` of work that follow a first one, which fills caches.
 * @param work a round that leaves nothing of its own behind
 */
export async function keptBytes(rounds: number, work: (round: number) => Promise<void>): Promise<number> {
  await work(0);
  const before = heldBytes();
  for (let round = 1; round <= rounds; round += 1) await work(round);
  return heldBytes() - before;
}

/** The answer to whether no more than `allowed` bytes are found; the figure where it is more. */
export function within(found: number, allowed: number): string {
  return found <= allowed ? "bounded" : `${Math.round(found / 1_000)} KB more`;
}
