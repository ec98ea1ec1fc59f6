import { setTimeout as wait } from "node:timers/promises";
import { now } from "../clock.ts";
import type { Layers } from "../layers.ts";

export const watchLayer: Pick<Layers, "watchStore"> = {
  async watchStore(options) {
    const { watchStore } = await import("../../watch/watch.ts");
    return watchStore({ ...options, clock: { now, sleep } });
  },
};

/** An abort ends it early, and is no error. */
async function sleep(duration: number, signal: AbortSignal): Promise<void> {
  if (duration > 0 && !signal.aborted) await wait(duration, undefined, { signal }).catch(() => {});
}
