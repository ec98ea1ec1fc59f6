/** The machine's effect on a round: the share that other processes had, and the stalls of this process that its own work does not explain. */
import type { Stall } from "../../check/history.ts";
import { Stalls } from "../../check/timing/stall.ts";
import type { Millis } from "../../protocol/time.ts";
import { cores, machineCpu, ownCpu } from "./cpu.ts";

export interface Watched<Result> {
  readonly result: Result;
  readonly took: Millis;
  /** 0 to 1. */
  readonly taken: number;
  readonly stalls: Stalls;
}

const every: Millis = 2;
/** Shorter stalls are within the resolution of timers. */
const shortest: Millis = 1;

/** @param helpCpu CPU seconds so far of the servers and child processes of the round */
export async function watch<Result>(
  helpCpu: () => Promise<number>,
  work: () => Promise<Result>,
): Promise<Watched<Result>> {
  const before = { all: machineCpu(), helpers: await helpCpu(), own: ownCpu(), at: performance.now() };
  const ticker = watchStalls();
  try {
    const result = await work();
    const at = performance.now();
    const own = ownCpu() - before.own;
    const took = at - before.at;
    const others = machineCpu() - before.all - own - ((await helpCpu()) - before.helpers);
    const taken = Math.min(1, Math.max(0, others / (cores * (took / 1_000))));
    return { result, took, taken, stalls: new Stalls(ticker.stalls) };
  } finally {
    ticker.stop();
  }
}

/** The share of the machine that other processes use while this one is idle: for programs with CPU time that cannot be counted. @returns 0 to 1 */
export async function shareOfOthers(during: Millis): Promise<number> {
  const none = async (): Promise<number> => 0;
  const { taken } = await watch(none, () => new Promise((resolve) => setTimeout(resolve, during)));
  return taken;
}

/** A tick that is late although this process did not use the time: another one had the core. */
function watchStalls(): { readonly stalls: readonly Stall[]; stop(): void } {
  const stalls: Stall[] = [];
  let last = performance.now();
  let cpu = ownCpu();
  const timer = setInterval(() => {
    const at = performance.now();
    const cpuNow = ownCpu();
    const lasted = at - last - Math.max(every, (cpuNow - cpu) * 1_000);
    if (lasted >= shortest) stalls.push({ kind: "stall", since: last, at, lasted });
    last = at;
    cpu = cpuNow;
  }, every);
  return { stalls, stop: () => clearInterval(timer) };
}
