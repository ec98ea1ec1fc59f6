/** `start` and `close` of the embedded scheduler: those of the core, with refusals of the connections, the signal, and the cleanup at the end. */
import type { RedisStore } from "../redis/store.ts";
import type { Scheduler, StartOptions } from "../scheduler/api.ts";
import type { CallOptions } from "../scheduler/calls/calls.ts";
import type { Log } from "./log.ts";

export interface Lifetime {
  readonly core: Scheduler;
  readonly store: RedisStore;
  readonly refused: Promise<never>;
  readonly log: Log;
  readonly signal: AbortSignal | undefined;
  readonly onClosed: () => void;
}

/** `start` and `close` around the core's own. */
export function lifetimeOf({
  core,
  log,
  onClosed,
  refused,
  signal,
  store,
}: Lifetime): Pick<Scheduler, "start" | "close"> {
  const startCore = core.start.bind(core);
  const closeCore = core.close.bind(core);
  let starting: Promise<void> | null = null;
  let closing: Promise<void> | null = null;

  const begin = async (options: StartOptions): Promise<void> => {
    const given = untilAborted(options.signal);
    try {
      await Promise.race([store.connect().then(() => startCore(options)), refused, given.aborted]);
    } catch (error) {
      closing = close().catch(() => {}); // reported here, so `close` need not report it again
      await closing;
      throw error;
    } finally {
      given.forget();
    }
  };
  const end = async (options: CallOptions): Promise<void> => {
    signal?.removeEventListener("abort", abort);
    try {
      await closeCore(options);
    } finally {
      onClosed();
    }
  };
  const close = (options: CallOptions = {}): Promise<void> => {
    if (closing !== null) closeCore(options).catch(() => {}); // hears of the signal; who closed first hears of a fault
    closing ??= end(options);
    return closing;
  };
  const abort = (): void => {
    close().catch((error: unknown) => log.error("closed after a fault", error));
  };
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort, { once: true });
  return {
    start(options = {}) {
      starting ??= begin(options);
      return starting;
    },
    close,
  };
}

/** Rejects with the signal's reason when it aborts, until it is forgotten. */
function untilAborted(signal: AbortSignal | undefined): { aborted: Promise<never>; forget(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal?.reason);
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort);
  promise.catch(() => {});
  return { aborted: promise, forget: () => signal?.removeEventListener("abort", abort) };
}
