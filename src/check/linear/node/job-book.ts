/** Which jobs had a place on a node, and which were completed there, at each of its moments: written once, not copied from moment to moment. */
import { JobLives } from "./job-lives.ts";

interface Boundary {
  readonly at: number;
  /** Whether what was completed before is forgotten, or may be: the store may have lost it. */
  readonly kind: "forgotten" | "doubted";
}

/** Moments are numbered from 0; each change is made at the next one. */
export class JobBook {
  #now = 0;
  readonly #lives = new JobLives();
  readonly #boundaries: Boundary[] = [];

  /** What the next changes are made at. */
  next(): void {
    this.#now += 1;
  }

  take(job: string): void {
    const number = this.#lives.madeNumberOf(job);
    if (!this.#lives.isLive(number)) this.#lives.take(number, this.#now);
  }

  give(job: string): void {
    const number = this.#lives.numberOf(job);
    if (this.#lives.isLive(number)) this.#lives.give(number, this.#now);
  }

  giveAll(): void {
    this.#lives.giveAll(this.#now);
  }

  complete(job: string): void {
    this.#lives.complete(this.#lives.madeNumberOf(job), this.#now);
  }

  /** The node is removed, and with it what was completed on it. */
  forget(): void {
    this.giveAll();
    this.#boundaries.push({ at: this.#now, kind: "forgotten" });
  }

  /** An epoch begins: what was completed before may have been lost, and so may each place but those that it is found to hold. */
  beginEpoch(held: readonly string[]): void {
    this.#now += 1;
    this.#boundaries.push({ at: this.#now, kind: "doubted" });
    this.#now += 1;
    this.find(held);
  }

  /** It is seen which places are taken at this moment, whatever was known of them. */
  find(held: readonly string[]): void {
    this.giveAll();
    for (const job of held) this.take(job);
  }

  /** The number of this moment, and how many have a place at it. */
  get now(): number {
    return this.#now;
  }

  get size(): number {
    return this.#lives.liveCount;
  }

  /** As it is now, for good. */
  page(): JobPage {
    return new JobPage(this, this.#now, this.size);
  }

  /** Whether it has a place now. */
  has(job: string): boolean {
    return this.#lives.isLive(this.#lives.numberOf(job));
  }

  holds(job: string, moment: number): boolean {
    return this.#lives.holds(this.#lives.numberOf(job), moment);
  }

  /** `perhaps`: the store may have lost it. */
  completion(job: string, moment: number): "no" | "perhaps" | "yes" {
    const since = this.#lives.completedBy(this.#lives.numberOf(job), moment);
    if (since === null) return "no";
    let isDoubted = false;
    for (const { at, kind } of this.#boundaries) {
      if (at < since || at > moment) continue;
      if (kind === "forgotten") return "no";
      isDoubted = true;
    }
    return isDoubted ? "perhaps" : "yes";
  }

  heldAt(moment: number): readonly string[] {
    return this.#lives.heldAt(moment);
  }
}

/** The jobs of one moment. */
export class JobPage {
  readonly #book: JobBook;
  readonly #moment: number;
  readonly size: number;

  constructor(book: JobBook, moment: number, size: number) {
    this.#book = book;
    this.#moment = moment;
    this.size = size;
  }

  has(job: string): boolean {
    return this.#book.holds(job, this.#moment);
  }

  completion(job: string): "no" | "perhaps" | "yes" {
    return this.#book.completion(job, this.#moment);
  }

  names(): readonly string[] {
    return this.#book.heldAt(this.#moment);
  }
}
