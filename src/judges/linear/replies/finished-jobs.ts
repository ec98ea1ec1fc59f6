/**
 * Which jobs the store remembered as completed, at each version of an epoch: of each node the latest `doneMax`, and none that was completed `doneFor` before
 * a later completion. The lines of epochs are read as far as that is asked for.
 */
import type { Terms } from "../../../check/judgement.ts";
import type { EpochLine, LineEntry, Truth } from "../../truth.ts";

interface Job {
  readonly node: string;
  readonly job: string;
  readonly sequence: number;
}

/** The changes of one epoch that have been read. */
interface Read {
  until: number;
  /** The first sequence that was not observed. */
  gap: number;
  /** Job -> its completions, and reservations after one: the store had forgotten it by then. */
  readonly jobs: Map<string, LineEntry[]>;
  /** Node -> its completions. */
  readonly completed: Map<string, LineEntry[]>;
  /** Node -> when it was removed, and what it had completed with it. */
  readonly removed: Map<string, LineEntry[]>;
}

export class FinishedJobs {
  readonly #truth: Pick<Truth, "clock" | "of">;
  readonly #doneMax: number;
  readonly #doneFor: number;
  readonly #read = new Map<EpochLine, Read>();

  constructor(truth: Pick<Truth, "clock" | "of">, { doneFor, doneMax }: Pick<Terms, "doneFor" | "doneMax"> = {}) {
    this.#truth = truth;
    this.#doneMax = doneMax ?? Number.POSITIVE_INFINITY;
    this.#doneFor = doneFor ?? Number.POSITIVE_INFINITY;
  }

  /** `perhaps`: it was completed, and the store may have forgotten or lost that since, or not all changes were observed. */
  at(line: EpochLine, { job, node, sequence }: Job): "no" | "perhaps" | "yes" {
    const { completed, gap, jobs, removed } = this.#readUntil(line, sequence);
    const forgotten = lastUpTo(removed.get(node), sequence)?.sequence ?? 0;
    const last = jobs.get(job)?.findLast((one) => one.node === node && one.sequence <= sequence);
    if (last !== undefined && last.sequence > forgotten) {
      if (last.kind !== "completed") return "no";
      return this.#isRemembered(last, completed.get(node) ?? [], sequence) ? "yes" : "perhaps";
    }
    if (gap <= sequence) return "perhaps";
    return forgotten === 0 && this.#wasCompletedBefore(line, node, job) ? "perhaps" : "no";
  }

  /** Not where all that were completed, from the first on, are remembered for certain. */
  mayHaveForgotten(line: EpochLine, node: string, sequence: number): boolean {
    const { completed, gap } = this.#readUntil(line, sequence);
    const all = completed.get(node) ?? [];
    const [first] = all;
    const isWhole = line.order === 0 && gap > sequence;
    if (!isWhole) return true;
    return first !== undefined && first.sequence <= sequence && !this.#isRemembered(first, all, sequence);
  }

  /** Only a later completion on the node makes the store forget one. */
  #isRemembered(completion: LineEntry, all: readonly LineEntry[], sequence: number): boolean {
    const [own, until] = [indexUpTo(all, completion.sequence), indexUpTo(all, sequence)];
    if (until - own >= this.#doneMax) return false;
    const latest = all[until];
    if (latest === undefined || until === own || this.#doneFor === Number.POSITIVE_INFINITY) return true;
    const isSteady = this.#truth.clock(completion.since, latest.at) !== undefined;
    return isSteady && latest.at - completion.since < this.#doneFor;
  }

  #wasCompletedBefore(line: EpochLine, node: string, job: string): boolean {
    const earlier = this.#truth.of(line.partition).slice(0, line.order);
    const isOfNode = (entry: LineEntry): boolean => entry.node === node;
    if (!earlier.some((one) => this.#readUntil(one, one.last).jobs.get(job)?.some(isOfNode) === true)) return false;
    return line.finished(node, job, 0);
  }

  #readUntil(line: EpochLine, sequence: number): Read {
    const read = this.#read.get(line) ?? {
      ...{ until: 0, gap: Number.POSITIVE_INFINITY },
      ...{ jobs: new Map(), completed: new Map(), removed: new Map() },
    };
    if (read.until === 0) this.#read.set(line, read);
    while (read.until < sequence) {
      read.until += 1;
      const entry = line.entry(read.until);
      if (entry !== undefined) take(entry, read);
      else read.gap = Math.min(read.gap, read.until);
    }
    return read;
  }
}

function take(entry: LineEntry, { completed, jobs, removed }: Read): void {
  const { job, kind, node } = entry;
  if (kind === "removed") add(removed, node, entry);
  if (kind === "completed") add(completed, node, entry);
  if (job !== null && (kind === "completed" || (kind === "reserved" && jobs.has(job)))) add(jobs, job, entry);
}

function add(lists: Map<string, LineEntry[]>, key: string, entry: LineEntry): void {
  const own = lists.get(key);
  if (own === undefined) lists.set(key, [entry]);
  else own.push(entry);
}

function lastUpTo(entries: readonly LineEntry[] = [], sequence: number): LineEntry | undefined {
  return entries[indexUpTo(entries, sequence)];
}

/** The index of the last at or before `sequence`; -1: there is none. */
function indexUpTo(entries: readonly LineEntry[], sequence: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle] as LineEntry).sequence <= sequence) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
