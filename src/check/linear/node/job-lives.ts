/** What a node's book says of each of its jobs, in columns: a run has hundreds of thousands. Mostly one gets a place once, loses it once and is completed once. */

/** Later than every moment. */
const never = 2 ** 30;
const nobody = -1;

export class JobLives {
  readonly #numbers = new Map<string, number>();
  readonly #taken: number[] = [];
  readonly #given: number[] = [];
  readonly #completed: number[] = [];
  /** Taken again and given again, in turns. */
  readonly #turns = new Map<number, number[]>();
  /** Further completions. */
  readonly #completions = new Map<number, number[]>();
  /** Those that have a place, in no order, and where each is among them. */
  readonly #live: number[] = [];
  readonly #places: number[] = [];
  /** What was asked for last is mostly asked for again. */
  #lastJob: string | null = null;
  #lastNumber = nobody;

  get liveCount(): number {
    return this.#live.length;
  }

  /** -1: it never had a place, nor was it completed. */
  numberOf(job: string): number {
    if (job !== this.#lastJob) {
      this.#lastJob = job;
      this.#lastNumber = this.#numbers.get(job) ?? nobody;
    }
    return this.#lastNumber;
  }

  /** Of one that there may not be yet. */
  madeNumberOf(job: string): number {
    const known = this.numberOf(job);
    if (known !== nobody) return known;
    const number = this.#taken.push(never) - 1;
    this.#given.push(never);
    this.#completed.push(never);
    this.#places.push(nobody);
    this.#numbers.set(job, number);
    this.#lastNumber = number;
    return number;
  }

  isLive(number: number): boolean {
    return number !== nobody && this.#places[number] !== nobody;
  }

  take(number: number, now: number): void {
    this.#places[number] = this.#live.push(number) - 1;
    this.#turn(number, now);
  }

  give(number: number, now: number): void {
    const last = this.#live.pop() as number;
    const place = this.#places[number] as number;
    if (last !== number) {
      this.#live[place] = last;
      this.#places[last] = place;
    }
    this.#places[number] = nobody;
    this.#turn(number, now);
  }

  giveAll(now: number): void {
    for (const number of this.#live) {
      this.#places[number] = nobody;
      this.#turn(number, now);
    }
    this.#live.length = 0;
  }

  complete(number: number, now: number): void {
    if (this.#completed[number] === never) this.#completed[number] = now;
    else this.#completions.set(number, [...(this.#completions.get(number) ?? []), now]);
  }

  holds(number: number, moment: number): boolean {
    if (number === nobody || moment < (this.#taken[number] as number)) return false;
    if (moment < (this.#given[number] as number)) return true;
    let holds = false;
    for (const turn of this.#turns.get(number) ?? []) {
      if (turn > moment) break;
      holds = !holds;
    }
    return holds;
  }

  /** The last moment up to `moment` at which it was completed; null: it had not been. */
  completedBy(number: number, moment: number): number | null {
    if (number === nobody || (this.#completed[number] as number) > moment) return null;
    const again = this.#completions.get(number)?.findLast((at) => at <= moment);
    return again ?? (this.#completed[number] as number);
  }

  heldAt(moment: number): readonly string[] {
    return [...this.#numbers].filter(([, number]) => this.holds(number, moment)).map(([job]) => job);
  }

  /** It gets a place, or loses the one that it has. Taken and given at the same moment: as if it had not been. */
  #turn(number: number, now: number): void {
    const turns = this.#turns.get(number);
    if (turns !== undefined && turns.length > 0) {
      if (turns.at(-1) === now) turns.pop();
      else turns.push(now);
    } else if (this.#given[number] !== never) {
      if (this.#given[number] === now) this.#given[number] = never;
      else this.#turns.set(number, [now]);
    } else if (this.#taken[number] !== never) {
      if (this.#taken[number] === now) this.#taken[number] = never;
      else this.#given[number] = now;
    } else this.#taken[number] = now;
  }
}
