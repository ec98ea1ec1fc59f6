/** Which jobs the store remembered as completed, at each version of an epoch. The lines of epochs are read as far as that is asked for. */
import type { EpochLine, LineEntry, Truth } from "../../truth.ts";

interface Job {
  readonly node: string;
  readonly job: string;
  readonly sequence: number;
}

/** What has been read of one epoch. */
interface Read {
  until: number;
  /** The first sequence that was not observed. */
  gap: number;
  /** Job -> its finishedJobs, and reservations after one: the store had forgotten it by then. */
  readonly jobs: Map<string, LineEntry[]>;
  /** Node -> when it was removed, and what it had completed with it. */
  readonly removed: Map<string, number[]>;
}

export class FinishedJobs {
  readonly #truth: Pick<Truth, "of">;
  readonly #read = new Map<EpochLine, Read>();

  constructor(truth: Pick<Truth, "of">) {
    this.#truth = truth;
  }

  /** `perhaps`: it was completed in an earlier epoch, and the store may have lost that, or not all changes were observed. */
  at(line: EpochLine, { job, node, sequence }: Job): "no" | "perhaps" | "yes" {
    const { gap, jobs, removed } = this.#readUntil(line, sequence);
    const forgotten = removed.get(node)?.findLast((one) => one <= sequence) ?? 0;
    const last = jobs.get(job)?.findLast((one) => one.node === node && one.sequence <= sequence);
    if (last !== undefined && last.sequence > forgotten) return "yes";
    if (gap <= sequence) return "perhaps";
    return forgotten === 0 && this.#wasCompletedBefore(line, node, job) ? "perhaps" : "no";
  }

  #wasCompletedBefore(line: EpochLine, node: string, job: string): boolean {
    const earlier = this.#truth.of(line.partition).slice(0, line.order);
    const isOfNode = (entry: LineEntry): boolean => entry.node === node;
    if (!earlier.some((one) => this.#readUntil(one, one.last).jobs.get(job)?.some(isOfNode) === true)) return false;
    return line.finished(node, job, 0);
  }

  #readUntil(line: EpochLine, sequence: number): Read {
    const read = this.#read.get(line) ?? {
      until: 0,
      gap: Number.POSITIVE_INFINITY,
      jobs: new Map(),
      removed: new Map(),
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

function take(entry: LineEntry, { jobs, removed }: Read): void {
  const { job, kind, node, sequence } = entry;
  if (kind === "removed") {
    const own = removed.get(node);
    if (own === undefined) removed.set(node, [sequence]);
    else own.push(sequence);
  }
  if (kind !== "completed" || job === null) return;
  const own = jobs.get(job);
  if (own === undefined) jobs.set(job, [entry]);
  else own.push(entry);
}
