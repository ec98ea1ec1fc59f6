/**
 * JavaScript being generated from a schema: with a schema's widths and bounds written into it as constants,
 * a state is packed and unpacked about ten times as fast as by a walk over the schema.
 */
import { OutsideSchema, shown } from "./outside.ts";

export class Source {
  readonly #lines: string[] = [];
  readonly #constants = new Map<unknown, string>();
  #locals = 0;

  line(text: string): void {
    this.#lines.push(text);
  }

  block(head: string, body: () => void): void {
    this.line(`${head} {`);
    body();
    this.line("}");
  }

  /** A name for something that exists now: an array, a function. The same for the same thing. */
  constant(value: unknown): string {
    const name = this.#constants.get(value) ?? `k${this.#constants.size}`;
    this.#constants.set(value, name);
    return name;
  }

  /** A name for the value that `expression` has here. */
  local(expression: string): string {
    if (/^[a-z]+\d+$/.test(expression)) return expression;
    const name = this.#fresh();
    this.line(`const ${name} = ${expression};`);
    return name;
  }

  /** A variable that may be assigned to. */
  declare(initial: string): string {
    const name = this.#fresh();
    this.line(`let ${name} = ${initial};`);
    return name;
  }

  /** The generated code throws `OutsideSchema` where `condition` does not hold. */
  refuseUnless(condition: string, value: string, where: string, bound: string): void {
    const refuse = this.constant(refuseValue);
    this.line(`if (!(${condition})) ${refuse}(${JSON.stringify(where)}, ${value}, ${JSON.stringify(bound)});`);
  }

  /** Runs what was written, once; its last statement returns what is wanted of it. */
  run(): unknown {
    const make = new Function(...this.#constants.values(), `"use strict";\n${this.#lines.join("\n")}`);
    return make(...this.#constants.keys());
  }

  #fresh(): string {
    this.#locals += 1;
    return `v${this.#locals}`;
  }
}

function refuseValue(where: string, value: unknown, bound: string): never {
  throw new OutsideSchema(where, shown(value), bound);
}
