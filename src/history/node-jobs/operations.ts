/** The distinct inputs and outputs of `node-jobs`, each stored once in 24 bytes, and made into an object when it is judged. */
import {
  type NodeJobInput,
  type NodeJobKind,
  type NodeJobOutput,
  type NodeJobStatus,
  nodeJobKinds,
  nodeJobStatuses,
  nodeJobs,
} from "../../check/linear/node/node-jobs.ts";
import type { Act } from "../../check/linear/search/seen-calls.ts";

/** The status of an unanswered operation. */
export const noStatus = 255;

export type NodeJobAct = Act<NodeJobInput, NodeJobOutput>;

/** Kind and status are indexes of `nodeJobKinds` and `nodeJobStatuses`. */
export interface ActRow {
  readonly kind: number;
  readonly job: number;
  readonly cap: number;
  readonly status: number;
  readonly incarnation: number;
  readonly jobs: number;
}

const read = nodeJobKinds.indexOf("read");
const firstSize = 1 << 10;
/** The most objects that are kept, because each line may have another incarnation. */
const mostKept = 100_000;

export class Acts {
  #size = 0;
  /** A hash table of the numbers of acts, plus one; 0: empty. It is at most half full. */
  #slots = new Uint32Array(2 * firstSize);
  /** Kind, job, cap and status, one byte each. */
  #words = new Uint32Array(firstSize);
  #incarnations = new Uint32Array(firstSize);
  #jobs = new Uint8Array(firstSize);
  /** The objects that have been made, by number. */
  readonly #kept: (NodeJobAct | null)[] = [];

  /** @returns the number of the act */
  numberOf({ cap, incarnation, job, jobs, kind, status }: ActRow): number {
    const word = (kind | (job << 8) | (cap << 16) | (status << 24)) >>> 0;
    const mask = this.#slots.length - 1;
    for (let at = hashOf(word, incarnation, jobs) & mask; ; at = (at + 1) & mask) {
      const number = (this.#slots[at] as number) - 1;
      if (number < 0) return this.#add(at, word, incarnation, jobs);
      if (this.#words[number] !== word || this.#incarnations[number] !== incarnation) continue;
      if (this.#jobs[number] === jobs) return number;
    }
  }

  /** Whether it is an unanswered read, which constrains nothing. */
  isUnansweredRead(number: number): boolean {
    const word = this.#words[number] as number;
    return word >>> 24 === noStatus && (word & 255) === read;
  }

  of(number: number): NodeJobAct {
    return this.#kept[number] ?? this.#make(number);
  }

  #make(number: number): NodeJobAct {
    const word = this.#words[number] as number;
    const input: NodeJobInput = {
      kind: nodeJobKinds[word & 255] as NodeJobKind,
      job: (word >>> 8) & 255,
      cap: (word >>> 16) & 255,
    };
    const output: NodeJobOutput | null =
      word >>> 24 !== noStatus
        ? {
            status: nodeJobStatuses[word >>> 24] as NodeJobStatus,
            incarnation: this.#incarnations[number] as number,
            jobs: this.#jobs[number] as number,
          }
        : null;
    const act = { input, output, isRead: output !== null && nodeJobs.isRead(input, output) };
    if (number < mostKept) this.#kept[number] = act;
    return act;
  }

  #add(at: number, word: number, incarnation: number, jobs: number): number {
    const number = this.#size++;
    this.#slots[at] = number + 1;
    if (number === this.#words.length) this.#grow();
    this.#words[number] = word;
    this.#incarnations[number] = incarnation;
    this.#jobs[number] = jobs;
    if (number < mostKept) this.#kept.push(null);
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return number;
  }

  #grow(): void {
    const size = this.#words.length * 2;
    const [words, incarnations, jobs] = [new Uint32Array(size), new Uint32Array(size), new Uint8Array(size)];
    words.set(this.#words);
    incarnations.set(this.#incarnations);
    jobs.set(this.#jobs);
    this.#words = words;
    this.#incarnations = incarnations;
    this.#jobs = jobs;
  }

  #rehash(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#size; number += 1) {
      const hash = hashOf(
        this.#words[number] as number,
        this.#incarnations[number] as number,
        this.#jobs[number] as number,
      );
      let at = hash & mask;
      while (slots[at] !== 0) at = (at + 1) & mask;
      slots[at] = number + 1;
    }
    this.#slots = slots;
  }
}

function hashOf(word: number, incarnation: number, jobs: number): number {
  const mixed = Math.imul(word ^ (word >>> 15), 0x2c1b3c6d) ^ Math.imul(incarnation ^ (jobs << 24), 0x297a2d39);
  return Math.imul(mixed ^ (mixed >>> 13), 0x85ebca6b) >>> 4;
}
