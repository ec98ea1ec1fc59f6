/** Program: makes runs of the gate in an instrumented copy, one after another, each with the mutant that the request names. */
import { Worker } from "node:worker_threads";
import { messageOf } from "../../evidence/failure.ts";
import type { Reply, Request } from "./messages.ts";
import { recordNothing, recordReached, useMutant } from "./switch.ts";

// Bound at the start: during a simulated run guards replace the global functions.
const { setImmediate } = globalThis;

new Worker(new URL("./parent-watch.ts", import.meta.url)).unref();

/** Rejections that no code of the run handled. Any of them would end the process of a gate. */
let unhandled: unknown[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));
process.once("disconnect", () => process.exit(0));

const loading = new Set<number>();
recordReached(loading);
const { execute, loadParts } = await import("./execute.ts");
await loadParts();
recordNothing();

process.on("message", (request: Request) => {
  void answer(request).then((reply) => process.send?.(reply));
});
process.send?.({ loaded: [...loading] });

async function answer({ active, isCovered, ...rest }: Request): Promise<Reply> {
  const reached = new Set<number>();
  unhandled = [];
  useMutant(active);
  if (isCovered) recordReached(reached);
  try {
    const outcome = await execute({ ...rest, isCovered });
    await new Promise((resolve) => setImmediate(resolve)); // by then Node has reported every rejection of the run
    const [rejected] = unhandled;
    if (rejected !== undefined && outcome.verdict !== "violated") return broken(rejected, reached);
    return { ...outcome, reached: outcome.reached ?? [...reached] };
  } catch (error) {
    return broken(error, reached);
  } finally {
    recordNothing();
    useMutant(0);
  }
}

function broken(error: unknown, reached: ReadonlySet<number>): Reply {
  const nothing = { property: null, token: null, cost: 0, met: [], trace: null };
  return { ...nothing, verdict: "broken", reason: messageOf(error), reached: [...reached] };
}
