/** A few values in order, in a draft: a queue, a log. */
import { OutsideSchema, shown } from "./outside.ts";

export class Sequence<Value> {
  /** For the explorer; a model uses the methods. */
  readonly values: Value[] = [];
  readonly most: number;
  readonly #where: string;

  constructor(where: string, most: number) {
    this.#where = where;
    this.most = most;
  }

  get length(): number {
    return this.values.length;
  }

  /** Negative counts from the end; `undefined` beyond it. */
  at(index: number): Value | undefined {
    return this.values.at(index);
  }

  /** @throws OutsideSchema when it is full */
  push(value: Value): void {
    if (this.values.length === this.most) {
      throw new OutsideSchema(this.#where, `${this.most + 1} values with ${shown(value)}`, `at most ${this.most}`);
    }
    this.values.push(value);
  }

  /** Takes the first; `undefined` when there is none. */
  shift(): Value | undefined {
    return this.values.shift();
  }

  clear(): void {
    this.values.length = 0;
  }

  [Symbol.iterator](): ArrayIterator<Value> {
    return this.values[Symbol.iterator]();
  }

  toJSON(): readonly Value[] {
    return this.values;
  }
}
