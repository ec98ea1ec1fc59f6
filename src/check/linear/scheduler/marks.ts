/** The known facts about jobs that hold no place. A trie that is never changed, so that states share their common parts. */

/** A job that was completed here. */
export interface Finished {
  /** The earliest time at which it may have been; -Infinity: before the history began. */
  readonly at: number;
  /** The place among the completions of the node, from 1 on. */
  readonly order: number;
}

/** `absent`: it was not finished here either; `idle`: it may have been, before the history began. */
export type Mark = Finished | "absent" | "idle";

const bits = 4;
const width = 1 << bits;

type Branch = readonly (Branch | Mark | undefined)[];

export class Marks {
  readonly #root: Branch | undefined;
  /** How far a job's number is shifted for its place in the root. */
  readonly #shift: number;
  /** Equal for marks of which one covers the other. */
  readonly hash: number;

  private constructor(root: Branch | undefined, shift: number, hash: number) {
    this.#root = root;
    this.#shift = shift;
    this.hash = hash;
  }

  /** None, for jobs with the numbers below `size`. */
  static none(size: number): Marks {
    let shift = 0;
    while (size > width << shift) shift += bits;
    return new Marks(undefined, shift, 0);
  }

  get(job: number): Mark | undefined {
    let branch = this.#root;
    for (let shift = this.#shift; shift > 0; shift -= bits) {
      if (branch === undefined) return undefined;
      branch = branch[(job >>> shift) & (width - 1)] as Branch | undefined;
    }
    return branch?.[job & (width - 1)] as Mark | undefined;
  }

  /** @param mark undefined: none */
  with(job: number, mark: Mark | undefined): Marks {
    const before = this.get(job);
    if (before === mark) return this;
    const hash = this.hash ^ hashOf(job, before) ^ hashOf(job, mark);
    return new Marks(changed(this.#root, this.#shift, job, mark), this.#shift, hash);
  }

  /** The jobs that were completed here. */
  finished(): readonly number[] {
    const jobs: number[] = [];
    collect(this.#root, this.#shift, 0, jobs);
    return jobs;
  }

  /** Whether all that can follow the other can follow this: a job may be forgotten as early. */
  covers(other: Marks): boolean {
    return this.hash === other.hash && covers(this.#root, other.#root, this.#shift);
  }
}

function changed(branch: Branch | undefined, shift: number, job: number, mark: Mark | undefined): Branch {
  const copy = branch === undefined ? new Array<Branch | Mark | undefined>(width).fill(undefined) : branch.slice();
  const place = (job >>> shift) & (width - 1);
  copy[place] = shift === 0 ? mark : changed(copy[place] as Branch | undefined, shift - bits, job, mark);
  return copy;
}

function collect(branch: Branch | undefined, shift: number, from: number, jobs: number[]): void {
  if (branch === undefined) return;
  for (const [place, inside] of branch.entries()) {
    const job = from + (place << shift);
    if (shift > 0) collect(inside as Branch | undefined, shift - bits, job, jobs);
    else if (typeof inside === "object") jobs.push(job);
  }
}

function covers(one: Branch | undefined, other: Branch | undefined, shift: number): boolean {
  if (one === other) return true;
  for (let place = 0; place < width; place += 1) {
    const [a, b] = [one?.[place], other?.[place]];
    if (a === b) continue;
    if (shift > 0) {
      if (!covers(a as Branch | undefined, b as Branch | undefined, shift - bits)) return false;
    } else if (!markCovers(a as Mark | undefined, b as Mark | undefined)) return false;
  }
  return true;
}

function markCovers(a: Mark | undefined, b: Mark | undefined): boolean {
  if (typeof a !== "object" || typeof b !== "object") return a === b;
  return a.at <= b.at && a.order <= b.order;
}

function hashOf(job: number, mark: Mark | undefined): number {
  if (mark === undefined) return 0;
  const kind = mark === "absent" ? 1 : mark === "idle" ? 2 : 3;
  const mixed = Math.imul((job << 2) | kind, 0x9e3779b1);
  return Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
}
