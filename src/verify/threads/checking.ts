/** Judges a stored history in a thread of its own, which has bounded memory and ends at once on a signal. */

import { once } from "node:events";
import { totalmem } from "node:os";
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { ownScenarios } from "../../../scenarios/registry.ts";
import { BrokenRunError, UsageError } from "../../evidence/failure.ts";
import { startThread } from "../../lab/process/thread.ts";
import type { CheckEvidence, CheckOptions } from "../layers.ts";

export interface ThreadRequest extends Omit<CheckOptions, "signal"> {
  /** Scenarios of the user's own: each thread has a registry of its own. */
  readonly own: readonly Scenario[];
}

export type ThreadAnswer =
  | { readonly kind: "checked"; readonly checked: CheckEvidence }
  | { readonly kind: "usage" | "broken"; readonly message: string; readonly where: string; readonly fix: string };

const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
const mib = 1024 * 1024;
/** The largest history that is read takes 2 GiB; a smaller machine has less. */
const mostMemory = Math.min(4_096, Math.floor((totalmem() / mib) * 0.75));

/**
 * @param memory MiB of the thread's heap
 * @throws UsageError, BrokenRunError as the judges do, and BrokenRunError where the signal ended it
 */
export async function checkInThread(
  { signal, ...request }: CheckOptions,
  memory: number = mostMemory,
): Promise<CheckEvidence> {
  if (signal.aborted) throw interrupted(request.file);
  const thread = startThread(new URL(`./check-thread.${ending}`, import.meta.url), {
    workerData: { ...request, own: ownScenarios() } satisfies ThreadRequest,
    resourceLimits: { maxOldGenerationSizeMb: memory },
  });
  const end = () => void thread.terminate();
  signal.addEventListener("abort", end);
  try {
    const [answer]: readonly unknown[] = await Promise.race([once(thread, "message"), once(thread, "exit")]);
    return evidenceOf(answer as ThreadAnswer | number, request.file, signal);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") return tooLarge(memory);
    throw error;
  } finally {
    signal.removeEventListener("abort", end);
    await thread.terminate();
  }
}

function evidenceOf(answer: ThreadAnswer | number, file: string, signal: AbortSignal): CheckEvidence {
  if (signal.aborted) throw interrupted(file);
  if (typeof answer === "number") {
    throw new BrokenRunError(`the thread that judges ended with ${answer} and without a verdict`, {
      where: file,
      fix: "run it again; if it recurs this is a bug of lockproof",
    });
  }
  if (answer.kind === "checked") return answer.checked;
  const { fix, kind, message, where } = answer;
  throw kind === "usage" ? new UsageError(message, { where, fix }) : new BrokenRunError(message, { where, fix });
}

function tooLarge(memory: number): CheckEvidence {
  const reason = `it takes more than ${memory} MiB of memory to judge, allowed so much`;
  return { verdict: "unknown", lines: [reason], json: { ops: 0, verdict: "unknown", seconds: 0, reason } };
}

function interrupted(file: string): BrokenRunError {
  return new BrokenRunError("the check was ended before it had a verdict", { where: file, fix: "run it again" });
}
