/** Which jobs had a place on a node, and which were completed there, at each of its moments: written once, not copied from moment to moment. */

interface Boundary {
  readonly at: number;
  /** Whether what was completed before is forgotten, or may be: the store may have lost it. */
  readonly kind: "forgotten" | "doubted";
}

/** Moments are numbered from 0; each change is made at the next one. */
export class JobBook {
  #now = 0;
  readonly #live = new Set<string>();
  /** The moments at which a job got its place and lost it, in turns. */
  readonly #turns = new Map<string, number[]>();
  /** The moments at which a job was completed: mostly one. */
  readonly #completed = new Map<string, number[]>();
  readonly #boundaries: Boundary[] = [];

  /** What the next changes are made at. */
  next(): void {
    this.#now += 1;
  }

  take(job: string): void {
    if (this.#live.has(job)) return;
    this.#live.add(job);
    this.#turn(job);
  }

  give(job: string): void {
    if (this.#live.delete(job)) this.#turn(job);
  }

  giveAll(): void {
    for (const job of this.#live) this.#turn(job);
    this.#live.clear();
  }

  complete(job: string): void {
    const known = this.#completed.get(job);
    if (known === undefined) this.#completed.set(job, [this.#now]);
    else known.push(this.#now);
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
    this.giveAll();
    for (const job of held) this.take(job);
  }

  /** As it is now, for good. */
  page(): JobPage {
    return new JobPage(this, this.#now, this.#live.size);
  }

  holds(job: string, moment: number): boolean {
    const turns = this.#turns.get(job) ?? [];
    let holds = false;
    for (const turn of turns) {
      if (turn > moment) break;
      holds = !holds;
    }
    return holds;
  }

  /** `perhaps`: the store may have lost it. */
  completion(job: string, moment: number): "no" | "perhaps" | "yes" {
    const since = this.#completed.get(job)?.findLast((at) => at <= moment);
    if (since === undefined) return "no";
    const passed = this.#boundaries.filter(({ at }) => at >= since && at <= moment);
    if (passed.some(({ kind }) => kind === "forgotten")) return "no";
    return passed.length > 0 ? "perhaps" : "yes";
  }

  heldAt(moment: number): readonly string[] {
    return [...this.#turns.keys()].filter((job) => this.holds(job, moment));
  }

  #turn(job: string): void {
    const turns = this.#turns.get(job);
    if (turns === undefined) this.#turns.set(job, [this.#now]);
    // Taken and given at the same moment: as if it had not been.
    else if (turns.at(-1) === this.#now) turns.pop();
    else turns.push(this.#now);
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
