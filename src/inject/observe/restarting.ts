/** Calls to a server that a fault may be restarting. */
import { waitFor } from "../../lab/process/wait.ts";

/** A server closes connections when it changes its role; the observer reconnects soon. */
const backWithin = { timeout: 5_000, interval: 2 };

/** Repeats `attempt` while the connection is unavailable, for 5 s. @throws at once for an error that an available server answers */
export async function untilAnswered<Value>(attempt: () => Promise<Value>): Promise<Value> {
  let last: unknown;
  const done = await waitFor(async () => {
    try {
      return { value: await attempt() };
    } catch (error) {
      checkError(error);
      last = error;
      return undefined;
    }
  }, backWithin);
  if (done === undefined) throw last;
  return done.value;
}

/** Connection errors are expected around a restart. @throws any other error, for example about the content of the store */
export function checkError(error: unknown): void {
  if (error instanceof Error && error.name !== "ReplyError") return;
  // A server that is temporarily unavailable answers with an error reply, too.
  if (error instanceof Error && /^(LOADING|MASTERDOWN|BUSY)/.test(error.message)) return;
  throw error;
}
