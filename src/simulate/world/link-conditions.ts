/** The conditions of one link of one instance. Each fault adds its part and later removes exactly that part. */

export type Way = "requests" | "replies";

/** A message that waits until the link lets it through. */
interface Kept {
  readonly way: Way;
  readonly pass: () => void;
}

export interface Pieces {
  readonly bytes: number;
  /** Between two pieces. */
  readonly gap: number;
}

export class LinkConditions {
  readonly #adds = { requests: 0, replies: 0 };
  readonly #lost = { requests: 0, replies: 0 };
  readonly #held = { requests: 0, replies: 0 };
  #kept: Kept[] = [];
  #refused = 0;
  #resets = 0;
  #closeDelay = 0;
  readonly #speeds: number[] = [];
  readonly #pieces: Pieces[] = [];

  /** No fault is in force. */
  get areNormal(): boolean {
    const isHere = isNone(this.#lost) && isNone(this.#held) && this.#refused === 0 && this.#resets === 0;
    return isHere && isNone(this.#adds) && this.#closeDelay + this.#speeds.length + this.#pieces.length === 0;
  }

  get refuses(): boolean {
    return this.#refused > 0;
  }

  get resets(): boolean {
    return this.#resets > 0;
  }

  /** Milliseconds before a close reaches the other side. */
  get closeDelay(): number {
    return this.#closeDelay;
  }

  loses(way: Way): boolean {
    return this.#lost[way] > 0;
  }

  holds(way: Way): boolean {
    return this.#held[way] > 0;
  }

  /** Milliseconds that a message of so many bytes takes longer than without faults. */
  delay(way: Way, bytes: number): number {
    let delay = this.#adds[way];
    for (const speed of this.#speeds) delay += bytes / speed;
    for (const { bytes: piece, gap } of this.#pieces) delay += (Math.ceil(bytes / piece) - 1) * gap;
    return delay;
  }

  /** @param by milliseconds; below 0 takes back what was added */
  addDelay(way: Way, by: number): void {
    this.#adds[way] += by;
  }

  addCloseDelay(by: number): void {
    this.#closeDelay += by;
  }

  lose(way: Way, count: 1 | -1): void {
    this.#lost[way] += count;
  }

  /** When no fault holds the way any more, the held messages pass in their order. */
  hold(way: Way, count: 1 | -1): void {
    this.#held[way] += count;
    if (this.holds(way)) return;
    const passing = this.#kept.filter((one) => one.way === way);
    this.#kept = this.#kept.filter((one) => one.way !== way);
    for (const { pass } of passing) pass();
  }

  keep(way: Way, pass: () => void): void {
    this.#kept.push({ way, pass });
  }

  refuse(count: 1 | -1): void {
    this.#refused += count;
  }

  reset(count: 1 | -1): void {
    this.#resets += count;
  }

  /** @param speed bytes a millisecond */
  narrow(speed: number): void {
    this.#speeds.push(speed);
  }

  widen(speed: number): void {
    this.#speeds.splice(this.#speeds.indexOf(speed), 1);
  }

  slice(pieces: Pieces): void {
    this.#pieces.push(pieces);
  }

  join(pieces: Pieces): void {
    this.#pieces.splice(this.#pieces.indexOf(pieces), 1);
  }
}

function isNone({ replies, requests }: Readonly<Record<Way, number>>): boolean {
  return requests === 0 && replies === 0;
}
