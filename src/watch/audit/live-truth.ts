/** The contents of the store, as far as a watch has followed one partition: the present epoch, and how far former ones had come. */
import type { Version } from "../../check/history.ts";
import { observerLag } from "../../check/observed/observation.ts";
import type { Standing, Truth } from "../../judges/truth.ts";
import { LiveLine } from "./live-line.ts";

/** More former epochs than this are forgotten, the oldest first. */
const mostFormer = 100;

export class LiveTruth implements Truth {
  readonly lag = observerLag;
  #line: LiveLine | null = null;
  readonly #former = new Map<string, LiveLine>();

  get current(): LiveLine | null {
    return this.#line;
  }

  /** The former epochs, the oldest first. */
  get former(): readonly LiveLine[] {
    return [...this.#former.values()];
  }

  follow(line: LiveLine): void {
    const before = this.#line;
    this.#line = line;
    if (before === null || before.epoch === line.epoch) return;
    // Only the existence of a former epoch counts, and how far it came.
    const { begunAt, epoch, followed, order, partition } = before;
    this.#former.set(epoch, new LiveLine({ begunAt, epoch, order, partition, from: followed }));
    const [oldest] = this.#former.keys();
    if (this.#former.size > mostFormer && oldest !== undefined) this.#former.delete(oldest);
  }

  line(epoch: string): LiveLine | undefined {
    return this.#line?.epoch === epoch ? this.#line : this.#former.get(epoch);
  }

  of(): readonly LiveLine[] {
    return this.#line === null ? this.former : [...this.former, this.#line];
  }

  answering(): readonly LiveLine[] {
    return this.of();
  }

  lived(): readonly LiveLine[] {
    return this.of();
  }

  standing({ epoch, sequence }: Version): Standing {
    const line = this.line(epoch);
    return line !== undefined && sequence <= line.last ? "held" : "unseen";
  }

  configured(): null {
    return null;
  }

  configuration(): undefined {
    return undefined;
  }

  mayHide(): boolean {
    return true;
  }

  run(): undefined {
    return undefined;
  }

  clock(): undefined {
    return undefined;
  }

  followedBy(): { readonly epoch: string; readonly last: number } | undefined {
    return this.#line === null ? undefined : { epoch: this.#line.epoch, last: this.#line.last };
  }
}
