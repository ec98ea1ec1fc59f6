/** What a run leaves behind to be looked at, and judged, again: a file of JSON lines for each of its sides. docs/histories.md. */
import { join } from "node:path";
import type { RedisTopology } from "../../../scenarios/declare/fault-places.ts";
import type { Trial } from "../../check/judgement.ts";
import type { PropertyId } from "../../check/properties.ts";
import { HistoryFile, isHistory } from "./history-file.ts";
import type { HistoryLog } from "./history-log.ts";

export interface StoredRun {
  readonly scenario: string;
  readonly redis: RedisTopology;
  readonly seed: number;
  /** What it is judged by. */
  readonly properties: readonly PropertyId[];
  /** What the seed drew, where it drew something. */
  readonly drawn?: object | undefined;
}

/** What is known of a trial before it begins. */
export type TrialHead = Pick<Trial, "bounds" | "instances" | "side" | "terms">;

/** Runs of one scenario on one seed that keep their histories in one folder. */
const mostCopies = 1_000;

/**
 * The histories of one run, in a folder that other runs may write to as well, even at the same time. Each file is created by this run. Where the
 * folder holds histories of the same scenario and seed already, all files of this run have the first number that is free in their names.
 */
export class RunFiles {
  readonly #dir: string;
  readonly #run: StoredRun;
  /** Which run of the same name in this folder; null: no file has been created yet. */
  #copy: number | null = null;
  readonly #created = new Set<string>();

  constructor(dir: string, run: StoredRun) {
    this.#dir = dir;
    this.#run = run;
  }

  /** Relative to the folder. @param attempt which run on the seed, from 1: each has files of its own */
  name(side: Trial["side"], attempt: number): string {
    const { redis, scenario, seed } = this.#run;
    const where = redis === "single" ? "" : `-${redis}`;
    const which = attempt === 1 ? "" : `-run-${attempt}`;
    const copy = this.#copy === null || this.#copy === 1 ? "" : `-copy-${this.#copy}`;
    return `inject-${scenario}${where}-${seed}-${side}${which}${copy}.jsonl`;
  }

  /** What comes to the log is written after the first line. @throws BrokenRunError where it cannot be written */
  async open(attempt: number, head: TrialHead, log: HistoryLog): Promise<HistoryFile> {
    log.add(headLine(this.#run, head));
    if (this.#copy !== null) return await this.#create(this.name(head.side, attempt), log);
    for (let copy = 1; ; copy += 1) {
      this.#copy = copy;
      const isTaken = (["control", "fault"] as const).some((side) => this.#isTaken(this.name(side, attempt)));
      if (isTaken && copy < mostCopies) continue;
      try {
        return await this.#create(this.name(head.side, attempt), log);
      } catch (error) {
        // Another run was faster since the look.
        if (!(this.#isTaken(this.name(head.side, attempt)) && copy < mostCopies)) throw error;
      }
    }
  }

  /** A history that this run has begun, and begins again, is its own. */
  async #create(name: string, log: HistoryLog): Promise<HistoryFile> {
    const file = await HistoryFile.open(join(this.#dir, name), log, this.#created.has(name) ? "again" : "new");
    this.#created.add(name);
    return file;
  }

  #isTaken(name: string): boolean {
    return !this.#created.has(name) && isHistory(join(this.#dir, name));
  }
}

/** The first line, which is about the run itself. */
export function headLine(
  { drawn, properties, redis, scenario, seed }: StoredRun,
  { bounds, instances, side, terms }: TrialHead,
): object {
  return { kind: "trial", scenario, redis, seed, side, instances, bounds, terms, properties, drawn };
}
