/** The state of a node at one version, as far as it is asked for. */
import type { EpochLine, HeldNode, Places } from "../../truth.ts";
import type { FinishedJobs } from "./finished-jobs.ts";

export class NodeMoment {
  readonly #line: EpochLine;
  readonly #node: string;
  readonly #sequence: number;
  readonly #finishedJobs: FinishedJobs;
  readonly #held: HeldNode | null | undefined;
  #places: Places | undefined;

  constructor(line: EpochLine, node: string, sequence: number, finishedJobs: FinishedJobs) {
    this.#line = line;
    this.#node = node;
    this.#sequence = sequence;
    this.#finishedJobs = finishedJobs;
    this.#held = sequence < line.knownFrom(node) ? undefined : line.at(node, sequence);
  }

  /** Whether it is known what the node was. */
  get isKnown(): boolean {
    return this.#held !== undefined;
  }

  /** The node's record, if the moment is known; null: the store did not know the node. */
  get record(): HeldNode | null {
    return this.#held ?? null;
  }

  /** Whether the job had a place. */
  has(job: string): boolean {
    this.#places ??= this.#line.places(this.#node, this.#sequence);
    return (this.#places?.has(job) ?? this.#line.holds(this.#node, job, this.#sequence)) === true;
  }

  /** How many jobs had a place. */
  get size(): number {
    this.#places ??= this.#line.places(this.#node, this.#sequence);
    return this.#places?.size ?? this.record?.currentJobs ?? 0;
  }

  /** Whether the job was remembered as completed; `perhaps`: the store may have lost it. */
  completion(job: string): "no" | "perhaps" | "yes" {
    return this.#finishedJobs.at(this.#line, { node: this.#node, job, sequence: this.#sequence });
  }

  /** Whether the store may have forgotten jobs that were completed on the node. */
  get mayHaveForgotten(): boolean {
    return this.#finishedJobs.mayHaveForgotten(this.#line, this.#node, this.#sequence);
  }

  get text(): string {
    if (!this.isKnown) return "not observed";
    if (this.record === null) return "not known to the store";
    const { incarnation, maxJobs, status } = this.record;
    const places = this.#line.places(this.#node, this.#sequence);
    const jobs = places === undefined ? `${this.size} jobs` : `jobs {${[...places.keys()].join(", ")}}`;
    return `${status}, incarnation ${incarnation}, ${jobs} of ${maxJobs}`;
  }
}
