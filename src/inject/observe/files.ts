/** The stored histories of a run, which can be judged again: a file of JSON lines for each side. See docs/histories.md. */
import { join } from "node:path";
import type { RedisTopology } from "../../../scenarios/declare/fault-places.ts";
import type { Trial } from "../../check/judgement.ts";
import type { PropertyId } from "../../check/properties.ts";
import { HistoryFile, isHistory, packedEnding } from "./history-file.ts";
import type { HistoryLog } from "./history-log.ts";

export interface StoredRun {
  readonly scenario: string;
  readonly redis: RedisTopology;
  readonly seed: number;
  /** The properties that it is judged by. */
  readonly properties: readonly PropertyId[];
  /** The draws from the seed; absent: the scenario draws nothing. */
  readonly drawn?: object | undefined;
}

/** The part of a trial that is known before it begins. */
export type TrialHead = Pick<Trial, "bounds" | "instances" | "side" | "terms">;

/** Runs of one scenario on one seed that keep their histories in one folder. */
const mostCopies = 1_000;

/**
 * The histories of one run, in a folder that other runs may write to at the same time. This run creates each of its files. Where the folder already
 * holds histories of the same scenario and seed, the names of all files of this run contain the first free number.
 */
export class RunFiles {
  readonly #dir: string;
  readonly #run: StoredRun;
  readonly #ending: string;
  /** The number in the names of this run's files; null: no file has been created yet. */
  #copy: number | null = null;
  readonly #created = new Set<string>();

  /** @param isPacked whether the histories are compressed */
  constructor(dir: string, run: StoredRun, isPacked = false) {
    this.#dir = dir;
    this.#run = run;
    this.#ending = isPacked ? `.jsonl${packedEnding}` : ".jsonl";
  }

  /** Relative to the folder. @param attempt which run on the seed, from 1: each has files of its own */
  name(side: Trial["side"], attempt: number): string {
    const { redis, scenario, seed } = this.#run;
    const where = redis === "single" ? "" : `-${redis}`;
    const which = attempt === 1 ? "" : `-run-${attempt}`;
    const copy = this.#copy === null || this.#copy === 1 ? "" : `-copy-${this.#copy}`;
    return `inject-${scenario}${where}-${seed}-${side}${which}${copy}${this.#ending}`;
  }

  /** Entries of the log are written after the first line. @throws BrokenRunError where it cannot be written */
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
        // Another run has created the file since the check.
        if (!(this.#isTaken(this.name(head.side, attempt)) && copy < mostCopies)) throw error;
      }
    }
  }

  /** A file that this run has created may be written anew. */
  async #create(name: string, log: HistoryLog): Promise<HistoryFile> {
    const file = await HistoryFile.open(join(this.#dir, name), log, this.#created.has(name) ? "again" : "new");
    this.#created.add(name);
    return file;
  }

  #isTaken(name: string): boolean {
    return !this.#created.has(name) && isHistory(join(this.#dir, name));
  }
}

/** The first line, which describes the run itself. */
export function headLine(
  { drawn, properties, redis, scenario, seed }: StoredRun,
  { bounds, instances, side, terms }: TrialHead,
): object {
  return { kind: "trial", scenario, redis, seed, side, instances, bounds, terms, properties, drawn };
}
