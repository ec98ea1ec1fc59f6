/** A value for each step of a long way that is mostly the same as that of the step before: kept only where it is another. */
import { lastUpTo } from "../run/positions.ts";

export class Runs<Value> {
  readonly #starts: number[] = [];
  readonly #values: Value[] = [];
  #size = 0;
  /** What was looked for last is near what is looked for next. */
  #near = -1;

  /** Of the next step. */
  push(value: Value): void {
    if (this.#values.length === 0 || value !== this.#values[this.#values.length - 1]) {
      this.#starts.push(this.#size);
      this.#values.push(value);
    }
    this.#size += 1;
  }

  /** Of a step that was pushed. */
  at(step: number): Value {
    this.#near = lastUpTo(this.#starts, step, this.#near);
    return this.#values[this.#near] as Value;
  }
}
