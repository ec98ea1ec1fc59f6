/** The comparisons of a check: each compares a found value with the allowed one. */
import { isDeepStrictEqual } from "node:util";
import type { Found } from "./check.ts";

export class Comparisons {
  readonly #violations: (readonly string[])[] = [];
  #made = 0;

  /** @param what a sentence's subject: where and of what */
  same(what: string, found: unknown, allowed: unknown): void {
    this.#made += 1;
    if (isDeepStrictEqual(found, allowed)) return;
    this.#violations.push([`${what}: found ${textOf(found)}, allowed ${textOf(allowed)}`]);
  }

  get found(): Found {
    return { exercised: this.#made, violations: this.#violations };
  }
}

function textOf(value: unknown): string {
  const plain = (_: string, one: unknown): unknown => {
    if (one instanceof Error) return `${one.name}: ${one.message}`;
    return typeof one === "number" && !Number.isFinite(one) ? String(one) : one;
  };
  return JSON.stringify(value, plain) ?? String(value);
}
