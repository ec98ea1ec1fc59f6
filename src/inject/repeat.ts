/** Repeats a pair of runs until its verdict is clear (`Attempts`), or the time is over. */
import { joinCauses } from "../check/cause.ts";
import { countText } from "../evidence/words.ts";
import { Attempts } from "./attempts.ts";
import type { JudgedPair, Pair } from "./pair.ts";
import { NotReadyError } from "./ready-timeout.ts";

/** How often a run is begun that machine load keeps from becoming ready. */
const mostBeginnings = 3;

interface AttemptsOptions {
  readonly name: string;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
  /** Makes one run of the pair; the number counts from 1. */
  readonly run: (attempt: number) => Promise<Pair>;
  readonly judge: (pair: Pair) => JudgedPair;
}

interface Concluded {
  readonly attempts: Attempts;
  /** The last run. */
  readonly pair: Pair;
  readonly judged: JudgedPair;
}

/** Where the time is over before the verdict is clear, the result so far is returned as open. */
export async function runAttempts({ judge, name, onProgress, run, signal }: AttemptsOptions): Promise<Concluded> {
  const attempts = new Attempts();
  let last: Omit<Concluded, "attempts"> | null = null;
  for (let beginnings = 1; ; ) {
    let pair: Pair;
    try {
      pair = await run(attempts.runs + 1);
    } catch (error) {
      if (last !== null && isOutOfTime(signal)) return { attempts, ...last, judged: cutShort(attempts, last.judged) };
      if (!(error instanceof NotReadyError && error.isStarved && beginnings < mostBeginnings)) throw error;
      beginnings += 1;
      onProgress(`${name}: ${error.message}; once more`);
      continue;
    }
    last = { pair, judged: judge(pair) };
    const again = attempts.add(last.judged);
    if (again === null) return { attempts, pair, judged: attempts.conclude(last.judged) };
    onProgress(`${name}: ${again}; once more`);
  }
}

/** False for an interruption by the user, which is reported as such. */
function isOutOfTime({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof Error && reason.name === "TimeoutError";
}

function cutShort(attempts: Attempts, last: JudgedPair): JudgedPair {
  const judged = attempts.conclude(last);
  const runs = countText(attempts.runs, "run");
  const reasons = [...judged.reasons, `the budget was spent after ${runs} of it, and one more was due`];
  // A property left open by the machine keeps that cause, though one more run might have decided it.
  const open = judged.properties
    .filter(({ verdict }) => verdict === "unknown")
    .map(({ cause }) => cause ?? "unspecified");
  const causes = [...open, ...(judged.cause === undefined ? [] : [judged.cause])];
  return { ...judged, reasons, cause: joinCauses(causes) ?? "budget" };
}
