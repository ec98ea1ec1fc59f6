/**
 * Detects pauses of a virtual machine: its host may withhold all or some processors for any time, and the kernel counts that as run time of the thread
 * that was on one. There are two indications: a thread that only waits for a timer is late though it neither ran nor was starved of CPU; and the steal
 * time that the host reports.
 */

import { once } from "node:events";
import type { Millis } from "../../check/history.ts";
import { startThread } from "../../lab/process/thread.ts";
import type { Recorder } from "../observe/recorder.ts";

/** A pause of `lasted` between two beats; `since` and `at` by the clock that all threads share, in ms. */
export interface Beat {
  readonly since: number;
  readonly at: number;
  readonly lasted: Millis;
  /** Which one the host withheld; absent: the thread itself was late. */
  readonly processor?: number;
}

const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** Resolves once its thread runs, which it does until disposed; that costs 0.5 % of a processor. @throws Error when the thread cannot start */
export async function watchMachine(recorder: Recorder): Promise<AsyncDisposable> {
  const bell = new Int32Array(new SharedArrayBuffer(4));
  const thread = startThread(new URL(`./metronome-thread.${ending}`, import.meta.url), { workerData: bell });
  const ended = once(thread, "exit"); // at once where the system does not report what it reads
  await once(thread, "message"); // the first one only says that the thread runs
  thread.on("message", ({ at, since, ...kept }: Beat) => {
    const begin = Number(process.hrtime.bigint()) / 1e6 - recorder.now();
    recorder.event({ kind: "frozen", since: since - begin, at: at - begin, ...kept });
  });
  thread.unref();
  return {
    async [Symbol.asyncDispose]() {
      thread.ref();
      Atomics.store(bell, 0, 1);
      Atomics.notify(bell, 0);
      await ended;
    },
  };
}
