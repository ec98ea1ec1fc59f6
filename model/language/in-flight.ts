/** A small set of values out of many, in a draft: the messages in a network. */
import type { Domain } from "./domain.ts";
import { OutsideSchema, shown } from "./outside.ts";
import type { Interned } from "./value.ts";

export class InFlight<out Value> {
  /** Codes in ascending order, then -1 up to `most`. For the explorer. */
  readonly codes: number[];
  size = 0;
  /** One too many was added: the action that did it is disabled. For the explorer. */
  isOverfull = false;
  readonly most: number;
  readonly #of: Domain<Value>;
  readonly #where: string;
  readonly #isOutside: boolean;

  constructor(where: string, of: Domain<Value>, most: number, isOutside: boolean) {
    this.#where = where;
    this.#of = of;
    this.#isOutside = isOutside;
    this.most = most;
    this.codes = new Array<number>(most).fill(-1);
  }

  /** @param index 0 to `size` - 1; in no order that a model may rely on */
  at(index: number): Value {
    return this.#of.valueAt(this.codes[index] ?? -1);
  }

  has(value: Value & Interned): boolean {
    return this.codes.includes(value.code);
  }

  /** A value that is there already changes nothing. One too many disables the action, or is outside the schema, as declared. */
  add(value: Value & Interned): void {
    const { codes, size } = this;
    const { code } = value;
    let place = size;
    while (place > 0) {
      const before = codes[place - 1] ?? -1;
      if (before === code) return;
      if (before < code) break;
      place -= 1;
    }
    if (size === this.most) {
      this.#overflow(value);
      return;
    }
    for (let index = size; index > place; index -= 1) codes[index] = codes[index - 1] ?? -1;
    codes[place] = code;
    this.size = size + 1;
  }

  /** A value that is not there changes nothing. */
  delete(value: Value & Interned): void {
    const { codes } = this;
    const place = codes.indexOf(value.code);
    if (place < 0) return;
    const last = this.size - 1;
    for (let index = place; index < last; index += 1) codes[index] = codes[index + 1] ?? -1;
    codes[last] = -1;
    this.size = last;
  }

  *[Symbol.iterator](): Generator<Value> {
    for (let index = 0; index < this.size; index += 1) yield this.at(index);
  }

  toJSON(): readonly Value[] {
    return [...this];
  }

  #overflow(value: Value): void {
    if (this.#isOutside) {
      throw new OutsideSchema(this.#where, `${this.most + 1} values with ${shown(value)}`, `at most ${this.most}`);
    }
    this.isOverfull = true;
  }
}
