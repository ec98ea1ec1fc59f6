/** What a run leaves behind to be looked at, and judged, again: a file of JSON lines for each of its sides. docs/histories.md. */
import { join } from "node:path";
import type { RedisTopology } from "../../scenarios/fault-places.ts";
import type { Trial } from "../check/judgement.ts";
import type { PropertyId } from "../check/properties.ts";
import { HistoryFile } from "./history-file.ts";
import type { HistoryLog } from "./history-log.ts";

export interface StoredRun {
  readonly scenario: string;
  readonly redis: RedisTopology;
  readonly seed: number;
  /** What it is judged by. */
  readonly properties: readonly PropertyId[];
  /** What the seed drew, where it drew something. */
  readonly drawn?: object;
  /** Which run on the seed, from 1; absent: the first. Each has files of its own. */
  readonly attempt?: number;
}

/** What is known of a trial before it begins. */
export type TrialHead = Pick<Trial, "bounds" | "instances" | "side" | "terms">;

/** Relative to the folder. */
export function historyName({ attempt = 1, redis, scenario, seed }: StoredRun, side: Trial["side"]): string {
  const where = redis === "single" ? "" : `-${redis}`;
  const which = attempt === 1 ? "" : `-run-${attempt}`;
  return `inject-${scenario}${where}-${seed}-${side}${which}.jsonl`;
}

/** The first line, which is about the run itself. */
export function headLine(
  { drawn, properties, redis, scenario, seed }: StoredRun,
  { bounds, instances, side, terms }: TrialHead,
): object {
  const told = drawn === undefined ? {} : { drawn };
  return { kind: "trial", scenario, redis, seed, side, instances, bounds, terms, properties, ...told };
}

/** What comes to the log is written after the first line. @throws BrokenRunError where it cannot be written */
export function openHistory(dir: string, run: StoredRun, head: TrialHead, log: HistoryLog): Promise<HistoryFile> {
  log.add(headLine(run, head));
  return HistoryFile.open(join(dir, historyName(run, head.side)), log);
}
