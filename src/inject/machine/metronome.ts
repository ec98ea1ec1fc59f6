/**
 * Sees the machine stand still: the host of a virtual one may take its processors away for as long as it likes, all or some, and the kernel, which
 * knows nothing of it, counts that as run for whoever was on one. Two things tell: a thread that does nothing but wait for a timer, which is late, and
 * neither ran nor stood in line; and what the host admits to have kept of a processor.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Millis } from "../../check/history.ts";
import type { Recorder } from "../observe/recorder.ts";

/** Kept for `lasted` between two beats; `since` and `at` by the clock that all threads share, in ms. */
export interface Beat {
  readonly since: number;
  readonly at: number;
  readonly lasted: Millis;
  /** Which one the host has kept; absent: the thread itself was late. */
  readonly processor?: number;
}

const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** Resolves once its thread keeps time, which it does until disposed; that costs a processor 0.5 %. @throws Error when the thread cannot begin */
export async function watchMachine(recorder: Recorder): Promise<AsyncDisposable> {
  const bell = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(new URL(`./metronome-thread.${ending}`, import.meta.url), { workerData: bell });
  const ended = once(thread, "exit"); // at once where the system does not tell what it would look at
  await once(thread, "message"); // the first says only that it is there
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
