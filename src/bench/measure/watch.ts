/** What the machine did to a round: the share of it that others had, and when this process stood still through no work of its own. */
import type { Stall } from "../../check/history.ts";
import { Stalls } from "../../check/timing/stall.ts";
import { cores, machineCpu, ownCpu } from "./cpu.ts";

type Millis = number;

export interface Watched<Result> {
  readonly result: Result;
  readonly took: Millis;
  /** 0 to 1. */
  readonly taken: number;
  readonly stalls: Stalls;
}

const every: Millis = 2;
/** Shorter stalls are the grain of timers. */
const shortest: Millis = 1;

/** @param helpCpu CPU seconds so far of what else works for the round: servers, child processes */
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

/** What others take of the machine while we do nothing: for what is measured by programs whose CPU we cannot count. @returns 0 to 1 */
export async function shareOfOthers(during: Millis): Promise<number> {
  const none = async (): Promise<number> => 0;
  const { taken } = await watch(none, () => new Promise((resolve) => setTimeout(resolve, during)));
  return taken;
}

/** A tick that comes late although this process did not use the time: somebody else had the core. */
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
