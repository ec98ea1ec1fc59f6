/** One value for every name of a domain, in a draft. */
import { OutsideSchema } from "./outside.ts";

export class Table<Value> {
  /** In the order of the names. */
  readonly values: Value[];
  readonly #where: string;

  constructor(where: string, values: Value[]) {
    this.#where = where;
    this.values = values;
  }

  /** @throws OutsideSchema for a name that the domain has not */
  get(name: number): Value {
    const value = this.values[name];
    if (value === undefined) throw new OutsideSchema(`${this.#where}.${name}`, "not there", this.#bound());
    return value;
  }

  /** @throws OutsideSchema for a name that the domain has not */
  set(name: number, value: Value): void {
    if (name in this.values) this.values[name] = value;
    else throw new OutsideSchema(`${this.#where}.${name}`, "not there", this.#bound());
  }

  #bound(): string {
    return `names 0 to ${this.values.length - 1}`;
  }
}
