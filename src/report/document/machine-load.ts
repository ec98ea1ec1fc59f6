/** Whether the load of the machine is the only reason why a report is open. CI may let such a report pass, and says what was open. */
import { exitCodes } from "../../check/verdict.ts";
import type { OpenItem, Report } from "../schema.ts";
import type { StoredReport } from "./collect.ts";

export interface MachineLoadCheck {
  readonly passes: boolean;
  /** The findings, one line each. */
  readonly lines: readonly string[];
}

interface Ended {
  /** The exit code of verify. */
  readonly code: number;
  /** When verify was started, ISO 8601: an earlier report belongs to another run. */
  readonly since: string;
}

type Found = Pick<StoredReport, "finished" | "run"> & {
  readonly report: Pick<Report, "started_at"> & Partial<Pick<Report, "exit_code" | "open">>;
};

export function checkMachineLoad({ finished, report, run }: Found, { code, since }: Ended): MachineLoadCheck {
  const { exit_code, open = [], started_at } = report;
  const refused = (why: string): MachineLoadCheck => ({ passes: false, lines: [why, ...open.map(lineOf)] });
  if (toSecond(started_at) < toSecond(since)) return refused(`${run} is of ${started_at}, before verify was started`);
  if (!finished) return refused(`${run} has not ended`);
  if (exit_code !== code) return refused(`verify exited with ${code}, its report ${run} with ${exit_code}`);
  if (code === exitCodes.held) return { passes: true, lines: [] };
  if (code !== exitCodes.inconclusive) return refused(`verify exited with ${code}`);
  const others = open.filter(({ cause }) => cause !== "machine_load");
  if (open.length === 0 || others.length > 0)
    return refused(`${others.length} of ${open.length} open items are not open for the load of the machine`);
  return {
    passes: true,
    lines: [`${open.length} items are open for the load of the machine alone`, ...open.map(lineOf)],
  };
}

/** Both are UTC, so their order is alphabetical. */
function toSecond(instant: string): string {
  return instant.slice(0, "2026-11-30T00:00:00".length);
}

function lineOf({ cause, id, kind, reason, verdict }: OpenItem): string {
  return `  ${cause}: ${kind} ${id} ${verdict}: ${reason}`;
}
